"""What was done with a workload's aliases, and every version there is, in; a timeline and tables, drawn."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from headrace.policy.promotion import Promotion
from headrace.records.trail import Entry
from services.studio.charts import versions as charts
from services.studio.reading import past
from services.studio.reading.past import Reign
from services.studio.reading.versions import Seen
from services.studio.wording import SHAPES, VERDICTS, at, plain

FIRST = 12
"""So many steps and gains are shown at once."""

ICONS = {
    "champion": ":material/emoji_events:",
    "challenger": ":material/swords:",
    "previous": ":material/history:",
    "approved": ":material/check:",
    "rejected": ":material/block:",
}


def timeline(steps: Sequence[Entry], reigns: Sequence[Reign]) -> None:
    """Who reigned when, and each step with who took it and why."""
    if not steps:
        st.info("Nothing was promoted yet: the first version that passes its policy becomes champion.")
        return
    if reigns:
        st.altair_chart(charts.reigns([_reign(each) for each in reigns]), alt="Which version was champion when")
        st.caption("Which version was champion when. Pale bars: set by hand in MLflow.")
    for step in steps[:FIRST]:
        _step(step)
    if len(steps) > FIRST:
        with st.expander(f"{len(steps) - FIRST:,} earlier ones"):
            for step in steps[FIRST:]:
                _step(step)


def gains(found: Sequence[Seen], policy: Promotion) -> None:
    """What each version that was held against a champion was better by."""
    rows = [_gain(each) for each in found if each.gain][:FIRST]
    if not rows:
        return
    st.subheader("Gains over the champion of the time")
    title = f"gain in {policy.metric}, {policy.confidence:.0%} interval"
    st.altair_chart(charts.gains(rows, title, policy.min_gain, SHAPES), alt=title)
    least = (
        f" The dashed line is the least gain that the policy asks for, {policy.min_gain:g}." if policy.min_gain else ""
    )
    st.caption(f"Right of the line at 0 is better.{least}")


def key(workload: str) -> str:
    """Under which Streamlit keeps the rows that are chosen."""
    return f"versions.{workload}"


def table(found: Sequence[Seen], policy: Promotion, on_select: Callable[[], None]) -> None:
    """Every version, newest first."""
    st.dataframe(
        [_row(each, policy.metric) for each in found],
        hide_index=True,
        on_select=on_select,
        selection_mode="multi-row",
        height="content" if len(found) <= 10 else 388,
        key=key(found[0].workload),
        alt="Every version with its verdict, the newest first",
        column_config={
            "registered": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC"),
            policy.metric: st.column_config.NumberColumn(format="%.4f"),
            "gain": st.column_config.NumberColumn(format="%+.4f"),
            "why": st.column_config.TextColumn(width="large"),
        },
    )


def _step(step: Entry) -> None:
    icon = ":material/front_hand:" if step.by_hand else ICONS.get(step.what, ":material/label:")
    who = ":orange-badge[by hand, in MLflow]" if step.by_hand else f"by **{plain(step.actor)}**"
    st.markdown(f"{icon} **{plain(past.words(step))}** {who}  \n:small[{at(step.at)} · {plain(step.reason)}]")


def _reign(reign: Reign) -> Mapping[str, object]:
    return {
        "version": f"version {reign.version}",
        "begun": reign.begun.isoformat(),
        "ended": reign.ended.isoformat(),
        "from": at(reign.begun),
        "to": at(reign.ended),
        "by_hand": reign.by_hand,
        "who": "hand, in MLflow" if reign.by_hand else reign.who,
        "why": reign.why,
    }


def _gain(version: Seen) -> Mapping[str, object]:
    gain = version.gain
    assert gain is not None  # noqa: S101 - the caller chose those that have one
    return {
        "version": version.name,
        "gain": gain.estimate,
        "low": gain.low,
        "high": gain.high,
        "against": f"version {version.against}",
        "verdict": VERDICTS[version.verdict],
    }


def _row(version: Seen, metric: str) -> Mapping[str, object]:
    return {
        "version": version.number,
        "release": version.semver,
        "verdict": VERDICTS[version.verdict],
        "alias": ", ".join(version.aliases),
        metric: version.scores.get(metric),
        "gain": version.gain.estimate if version.gain else None,
        "candidate": version.candidate,
        "dataset": version.dataset,
        "registered": version.created,
        "why": "; ".join(version.reasons),
    }
