"""Lines of a log in; the last of them, and the others behind a click, drawn, out."""

from collections.abc import Sequence

import streamlit as st

from headrace.ports import LogLine

LAST = 8
"""Lines that are seen at once."""

_MARKS = {"WARNING": "W ", "ERROR": "E ", "CRITICAL": "E "}


def draw(lines: Sequence[LogLine], otherwise: str) -> None:
    """The newest line is the last; without any, a sentence says so."""
    if not lines:
        st.caption(otherwise)
        return
    st.code(_text(lines[-LAST:]), language=None, wrap_lines=True)
    if len(lines) > LAST:
        with st.expander(f"The {len(lines) - LAST} lines before these"):
            st.code(_text(lines[:-LAST]), language=None, wrap_lines=True, height=400)


def _text(lines: Sequence[LogLine]) -> str:
    """What is grave has a letter before it."""
    return "\n".join(f"{line.at:%H:%M:%S} {_MARKS.get(line.severity, '  ')}{line.text}" for line in lines)
