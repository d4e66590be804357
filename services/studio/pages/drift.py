"""The page "Drift": how what is asked moves away from what was learned, what was decided, and what followed."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from headrace import catalogue, loading
from headrace.options.drift import Drift
from headrace.records.driftlog import Entry
from services.studio.drift import check, history
from services.studio.outages import told
from services.studio.reading import drift, versions
from services.studio.reading.drift import Allowance, Check
from services.studio.reading.versions import Seen
from services.studio.studio import Studio
from services.studio.wording import ago, at, plain

SECONDS = 5
"""For so long what was read is shown again."""

MOST = 120
PERIODS = {"a day": 1, "a week": 7, "30 days": 30, "90 days": 90}

VERDICTS = {
    "steady": (":material/check_circle:", "green"),
    "drifted": (":material/trending_up:", "orange"),
    "broken": (":material/report:", "red"),
    "not enough": (":material/hourglass_empty:", "gray"),
}


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Drift")
    with told("The drift checks"):
        workload, days = _chosen(studio)
        found = _checks(studio, workload, days)
        if found:
            _drawn(studio, workload, found)
        else:
            _nothing_yet(studio, workload, days)


def _chosen(studio: Studio) -> tuple[str, int]:
    names, latest = list(loading.names()), _latest(studio)
    first = next((name for name in names if name in latest and latest[name].verdict != "not enough"), names[0])
    left, right = st.columns([3, 1])
    workload = left.selectbox(
        "Workload",
        names,
        index=names.index(first),
        key="workload",
        bind="query-params",
    )
    period = right.selectbox("Period", list(PERIODS), index=1, key="period", bind="query-params")
    return workload, PERIODS[period]


def _nothing_yet(studio: Studio, workload: str, days: int) -> None:
    rule = catalogue.describe(workload).drift
    if "champion" not in _named(studio).get(workload, {}):
        said = f"{workload} has no champion yet, so there is nothing to check: drop data on the page Data first."
    else:
        said = (
            f"No check in the last {days} days. One is made every hour, or by `headrace check`, and says something "
            f"once {rule.min_rows:,} rows were asked."
        )
    st.info(said, icon=":material/info:")


def _drawn(studio: Studio, workload: str, found: Sequence[Entry]) -> None:
    rule, last = catalogue.describe(workload).drift, found[-1]
    _standing(studio, rule, last)
    _allowance(drift.allowance(rule, found, studio.platform.clock.now()))
    looked = drift.judged(found)
    if not looked:
        return
    history.draw(rule, looked, found)
    st.subheader("One check")
    chosen = _check(looked)
    followed = Check(chosen)
    with told("What followed"):
        followed = _followed(studio, chosen)
    check.draw(studio, followed)


def _standing(studio: Studio, rule: Drift, last: Entry) -> None:
    """How it stands, in a sentence; and of a window that is not full yet, how far it is."""
    icon, colour = VERDICTS[last.verdict]
    with st.container(border=True):
        when = f"{ago(last.at, studio.platform.clock.now())}, of version {last.version}"
        st.markdown(f":{colour}[{icon}] **{last.verdict.capitalize()}** :small[at the last check, {when}]")
        st.markdown(plain(check.sentence(last)))
        if last.verdict == "not enough" and last.rows < rule.min_rows:
            st.progress(last.rows / rule.min_rows, f"{last.rows:,} of the {rule.min_rows:,} rows that a check takes")
        if last.volume:
            st.warning(plain(last.volume), icon=":material/speed:")


def _allowance(left: Allowance) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Retrainings left this week",
            f"{left.retrainings} of {left.of_retrainings}",
            help="Drift may cause so many in any seven days; more are for people to decide.",
        )
        st.metric("Left to spend on them", f"${left.usd:,.2f}", help=f"Of ${left.of_usd:,.2f} in any seven days.")
        st.metric(
            "Cooling down",
            f"until {left.until:%H:%M}" if left.until else "no",
            help=f"{at(left.until)}: no training before that." if left.until else "A training may follow at once.",
        )


def _check(looked: Sequence[Entry]) -> Entry:
    newest_first = list(reversed(looked))
    place = st.selectbox(
        "Check",
        range(len(newest_first)),
        format_func=lambda place: _label(newest_first[place]),
        key=f"check.{looked[0].workload}",
    )
    return newest_first[min(place, len(newest_first) - 1)]


def _label(entry: Entry) -> str:
    retrains = ", caused a training" if entry.retrains else ""
    return f"{at(entry.at)}: {entry.verdict}, {entry.rows:,} rows{retrains}"


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _checks(_studio: Studio, workload: str, days: int) -> list[Entry]:
    since = _studio.platform.clock.now() - timedelta(days=days)
    return drift.checks(_studio.platform.store, workload, since, MOST)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _latest(_studio: Studio) -> dict[str, Entry]:
    return dict(drift.latest(_studio.platform.store, loading.names()))


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _named(_studio: Studio) -> dict[str, dict[str, int]]:
    return {name: dict(aliases) for name, aliases in _studio.platform.registry.workloads().items()}


@st.cache_data(
    ttl=SECONDS, show_spinner=False, hash_funcs={Entry: lambda entry: (entry.workload, entry.check, entry.at)}
)
def _followed(_studio: Studio, entry: Entry) -> Check:
    if entry.verdict != "drifted":
        return Check(entry)
    found: Sequence[Seen] = versions.of(_studio.platform, entry.workload)
    return drift.followed(_studio.platform, entry, found, _studio.platform.clock.now())
