"""Facts in; a table of them, the newest first, drawn, out."""

from collections.abc import Sequence

import streamlit as st

from headrace.records import wording
from headrace.records.audit import Recorded

MOST = 300
TONES = {"good": "\u2713 ", "doubtful": "? ", "bad": "\u2717 ", "notable": "! ", "plain": ""}

_COLUMNS = {
    "time": st.column_config.DatetimeColumn("Time (UTC)", format="MM-DD HH:mm:ss", width="small"),
    "workload": st.column_config.TextColumn("Workload", width="small"),
    "event": st.column_config.TextColumn("Event", width="small"),
    "what": st.column_config.TextColumn("What happened", width="large"),
    "by": st.column_config.TextColumn("Told by", width="small"),
}


def draw(facts: Sequence[Recorded]) -> None:
    """A row for each; of very many the newest."""
    if not facts:
        st.caption("Nothing was told in this time.")
        return
    rows = [_row(each) for each in reversed(facts[-MOST:])]
    st.dataframe(rows, hide_index=True, column_config=_COLUMNS)
    cut = f"The newest {MOST} of {len(facts)}. " if len(facts) > MOST else ""
    st.caption(f"{cut}By the audit trail, into which each event is written within a minute.")


def _row(recorded: Recorded) -> dict[str, object]:
    words = wording.words(recorded.fact)
    return {
        "time": recorded.at.replace(tzinfo=None),
        "workload": recorded.fact.workload,
        "event": type(recorded.fact).__name__,
        "what": f"{TONES[words.tone]}{words}",
        "by": recorded.component,
    }
