"""One drift check in; what was found, what was decided and why, what followed, and Evidently's page about it, drawn."""

import streamlit as st

from headrace.records.driftlog import Entry
from services.studio import deciding
from services.studio.confirming import offer
from services.studio.embedding import embed
from services.studio.outages import told
from services.studio.reading import drift
from services.studio.reading.drift import Check
from services.studio.studio import Studio
from services.studio.wording import ICONS, VERDICTS, plain

HEIGHT = 900
MINUTES = 600
PARTS = {"inputs": "what was asked", "answers": "what was answered", "labels": "what is true"}
FIRST = 8


def draw(studio: Studio, check: Check) -> None:
    """All that is known of it."""
    entry = check.entry
    st.markdown(f"**{plain(sentence(entry))}**")
    if entry.performance:
        st.markdown(f":material/monitoring: {plain(entry.performance)}.")
    if entry.quality:
        st.error("The data may be broken:\n" + _list(entry.quality), icon=":material/report:")
    if entry.alarms:
        st.markdown(f"What moved, strongest first:\n{_list(entry.alarms[:FIRST])}")
        if len(entry.alarms) > FIRST:
            with st.expander(f"{len(entry.alarms) - FIRST} more"):
                st.markdown(_list(entry.alarms[FIRST:]))
    if entry.columns:
        with st.expander("Every column that was watched"):
            _columns(entry)
    _followed(studio, check)
    _report(studio, entry)


def sentence(entry: Entry) -> str:
    """The decision and why."""
    if entry.verdict == "not enough":
        return f"{entry.outcome[0].upper()}{entry.outcome[1:]}."
    rows = f"{entry.rows:,} rows answered by version {entry.version}"
    labels = f", and {entry.labels:,} true labels, {entry.late:,} of them late" if entry.labels and entry.late else ""
    return f"{rows}{labels}: {entry.outcome}."


def _columns(entry: Entry) -> None:
    st.dataframe(
        [
            {
                "column": column.name,
                "of": PARTS.get(column.part, column.part),
                "alarm": column.alarm,
                "differs in": column.what,
                "rows that moved": column.change,
                "chance": f"{column.chance:.1g}",
                "threshold": f"{column.bound:.1g}",
            }
            for column in sorted(entry.columns, key=drift.strength, reverse=True)
        ],
        hide_index=True,
        alt="Every column that was watched, the most surprising first",
        column_config={"rows that moved": st.column_config.NumberColumn(format="percent")},
    )


def _followed(studio: Studio, check: Check) -> None:
    """What came of a training that the check caused, or would have."""
    entry, dataset = check.entry, check.dataset
    if not entry.retrains and not check.refused:
        return
    st.markdown("##### What followed")
    if not dataset:
        st.caption("A training was decided on; its data is not there yet.")
        return
    dollars = f", for about \\${entry.usd:.2f}" if entry.usd is not None else ""
    linked = f"dataset version [`{dataset}`](data?workload={entry.workload}&dataset={dataset})"
    if check.refused:
        st.markdown(f"Nothing was trained: it is for people to decide whether to train on {linked}{dollars}.")
        offer(studio, f"drift.{entry.check}", deciding.retrain(studio, entry.workload, dataset))
    else:
        st.markdown(f"Training on {linked}{dollars}.")
    for version in check.versions:
        why = plain("; ".join(version.reasons))
        st.markdown(f"- {ICONS[version.verdict]} {version.name}, {VERDICTS[version.verdict]}: {why}")
    if not check.versions and not check.refused:
        st.caption("No version came of it yet; the page Loop shows what trains.")


def _report(studio: Studio, entry: Entry) -> None:
    """Evidently's page: megabytes, so that it is fetched when somebody wants it."""
    with told("Evidently's report"):
        size = _size(studio, drift.report_name(entry))
        if size is None:
            st.caption("This check has no report: one is made where there are rows enough.")
            return
        with st.container(horizontal=True):
            wanted = st.toggle(f"Show Evidently's report, {size / 1e6:.0f} MB", key=f"report.{entry.check}")
            st.download_button(
                "Download it",
                data=lambda: _page(studio, drift.report_name(entry)),
                file_name=f"drift-{entry.workload}-{entry.check}.html",
                mime="text/html",
                icon=":material/download:",
                on_click="ignore",
            )
        if wanted:
            with st.spinner("Fetching the report…"):
                page = _page(studio, drift.report_name(entry)).decode()
            st.caption(
                "It describes a sample by thresholds of its own; what was decided follows from the numbers above."
            )
            embed(page, f"Evidently's report of the check {entry.check}", HEIGHT)


def _list(sentences: tuple[str, ...]) -> str:
    return "\n".join(f"- {plain(each)}" for each in sentences)


@st.cache_data(ttl=MINUTES, show_spinner=False)
def _size(_studio: Studio, name: str) -> int | None:
    """Bytes of an object; None where there is none."""
    return next((stat.size for stat in _studio.platform.store.list(name) if stat.name == name), None)


@st.cache_data(ttl=MINUTES, max_entries=4, show_spinner=False)
def _page(_studio: Studio, name: str) -> bytes:
    return _studio.platform.store.read(name)
