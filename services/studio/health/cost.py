"""What was trained and asked this month and what it costs, on the page "Cost and health"."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

from headrace.costs.spent import Estimate, Ran
from headrace.costs.summary import dollars
from services.studio.outages import told
from services.studio.reading import spending
from services.studio.reading.spending import Spending
from services.studio.reading.traffic import Traffic
from services.studio.studio import Studio
from services.studio.wording import at

SECONDS = 300
BAR = 24
MOST_BARS = 9


def draw(studio: Studio, deployed: str) -> None:
    """Figures first, then where they come from."""
    st.subheader("This month")
    with told("What this month costs"):
        found = _spending(studio, deployed)
        _figures(found)
        st.caption(_source(studio, found))
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Cost, by part**")
            _parts(found.estimate)
        with right:
            st.markdown("**Training, by workload**")
            _trainings(found.ran)
        st.markdown(_traffic(found.traffic))


def _figures(found: Spending) -> None:
    estimate, report = found.estimate, found.report
    budget = f"of {found.budget.amount:g} {found.budget.currency}" if found.budget else None
    hours = sum(each.hours for each in found.ran)
    about = "" if found.traffic.is_counted else "about "
    with st.container(horizontal=True):
        st.metric("Until now", dollars(estimate.spent), delta=budget, delta_color="off", delta_arrow="off", border=True)
        st.metric("By the month's end", dollars(estimate.expected), border=True, help="If it goes on like this.")
        st.metric("Training", f"{hours:,.1f} h", border=True, help="All machines of all trainings, failed ones too.")
        st.metric("Requests", f"{about}{found.traffic.total:,.0f}", border=True)
        if report:
            spent = f"{report.cost:g} of {report.amount:g} {report.currency}"
            st.metric("Billed, says Google", spent, border=True, help=f"Reported {at(report.at)}.")
    if found.budget and found.budget.currency == "USD" and estimate.expected > found.budget.amount:
        said = f"If the month goes on like this, it ends above its budget of {found.budget.amount:g} USD."
        stops = " Training pauses when the budget is spent." if found.budget.stop else ""
        st.warning(said + stops, icon=":material/savings:")
    if not found.budget and not report:
        st.caption("No budget is set: `budget` in a file of infra/environments makes one, and can stop training.")


def _source(studio: Studio, found: Spending) -> str:
    """That it is an estimate, and of what."""
    usage, here = found.estimate.usage, bool(studio.where.pubsub_endpoint)
    what = "What this month **would have cost** on Google Cloud" if here else "An **estimate**, no bill"
    return (
        f"{what}, at list prices of {found.priced} ({found.unchecked} of them not checked). Trainings count as long as "
        f"their machines ran; everything else is what `headrace costs` says of a month with {usage.predictions:,} "
        f"requests a day in {_many(usage.sittings, 'sitting')} and with {_many(usage.retrainings, 'retraining')} of "
        f"each workload; {found.period.share:.0%} of the month is over."
    )


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"


def _parts(estimate: Estimate) -> None:
    """Until now, and what is still to come, of each part; what Google gives is below zero."""
    now = {line.part: line.usd for line in estimate.so_far}
    by_end = sorted(estimate.by_end, key=lambda line: -abs(line.usd))
    shown, rest = sorted(by_end[:MOST_BARS], key=lambda line: -line.usd), by_end[MOST_BARS:]
    rows = [row for line in shown for row in _row(line.part, line.why, now.get(line.part, 0.0), line.usd)]
    if rest:
        spent = sum(now.get(line.part, 0.0) for line in rest)
        why = ", ".join(line.part for line in rest)
        rows += _row(f"{len(rest)} others", why, spent, sum(line.usd for line in rest))
    names = list(dict.fromkeys(str(row["part"]) for row in rows))
    st.altair_chart(_bars(rows, names, "usd", "dollars", "$.2f"), width="stretch")


def _row(part: str, why: str, now: float, by_end: float) -> list[dict[str, Any]]:
    amounts = {"until now": now, "still to come": by_end - now}
    return [
        {"part": part, "kind": kind, "order": order, "usd": usd, "why": why}
        for order, (kind, usd) in enumerate(amounts.items())
    ]


def _trainings(ran: Sequence[Ran]) -> None:
    if not ran:
        st.caption("Nothing was trained this month.")
        return
    hours: dict[tuple[str, str], list[float]] = {}
    for each in ran:
        known = hours.setdefault((each.workload, "failed" if each.state == "FAILED" else "trained"), [0.0, 0.0, 0])
        known[0], known[1], known[2] = known[0] + each.hours, known[1] + each.usd, known[2] + 1
    rows = [
        {
            "part": name,
            "kind": state,
            "order": state,
            "hours": found[0],
            "why": f"{_many(int(found[2]), 'training')}, ${found[1]:.2f}",
        }
        for (name, state), found in sorted(hours.items())
    ]
    names = sorted({each.workload for each in ran}, key=lambda name: -sum(r.hours for r in ran if r.workload == name))
    st.altair_chart(_bars(rows, names, "hours", "machine hours", ".2f"), width="stretch")


def _bars(rows: list[dict[str, Any]], names: list[str], value: str, title: str, form: str) -> Any:
    """Bars that are stacked by their kind, told apart by how filled they are and not by colour alone."""
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(height=14, cornerRadius=2)
        .encode(
            y=alt.Y(
                "part:N",
                sort=names,
                title=None,
                axis=alt.Axis(labelLimit=180, labelOverlap=False, ticks=False, domain=False),
            ),
            x=alt.X(f"{value}:Q", title=title, axis=alt.Axis(format=form, tickCount=5)),
            color=alt.Color("kind:N", sort=kinds, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("order:O"),
            fillOpacity=alt.FillOpacity("kind:N", sort=kinds, scale=alt.Scale(range=[1, 0.45]), legend=None),
            tooltip=[
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("kind:N", title="Of it"),
                alt.Tooltip(f"{value}:Q", title=title, format=form),
                alt.Tooltip("why:N", title="For"),
            ],
        )
        .properties(height=alt.Step(BAR))
    )


def _traffic(traffic: Traffic) -> str:
    if not traffic.objects:
        return "**Requests:** none this month, by the prediction log."
    each = ", ".join(f"{name} {count:,.0f}" for name, count in traffic.requests.items())
    if traffic.is_counted:
        how = f"counted in the {traffic.objects:,} objects of this month's prediction log"
    else:
        share = traffic.read / traffic.size
        how = f"estimated: {share:.0%} of the {traffic.size / 1e6:,.1f} MB of this month's prediction log were read"
    return f"**Requests:** {each}, {how}. What a `log_share` leaves out of the log is added; batches are not in it."


@st.cache_data(ttl=SECONDS, show_spinner="adding the month up")
def _spending(_studio: Studio, deployed: str) -> Spending:
    return spending.of(_studio.platform, deployed)
