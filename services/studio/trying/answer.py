"""One answer in; its label, its probabilities as bars and where it came from, on the page."""

from collections.abc import Mapping
from html import escape
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from services.studio.reading.answers import Answer
from services.studio.reading.served import Served

_BAR, _MOST_BARS = 34, 12


def draw(answer: Answer, served: Served) -> None:
    """The answer."""
    if answer.label:
        st.metric("Label", answer.label.replace("_", " "), border=True)
    if answer.likely:
        st.altair_chart(_bars(answer.likely[:_MOST_BARS]), width="stretch", theme="streamlit")
    if answer.others:
        _others(answer.others)
    origin(served.named(answer.version), answer.request_id, answer.seconds)


def origin(version: str, request_id: str, seconds: float, more: str = "") -> None:
    """Who answered, under which id, and how soon."""
    took = f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"
    st.markdown(f"Answered by **{escape(version)}** in {took}{escape(more)}.")
    st.caption("The request's id, which feedback and the log know it by")
    st.code(request_id, language=None, wrap_lines=True)


def _others(others: Mapping[str, Any]) -> None:
    table = pd.DataFrame({"": list(others), "answer": [str(value) for value in others.values()]})
    st.dataframe(table, hide_index=True, width="stretch")


def likely_columns(table: pd.DataFrame) -> dict[str, Any]:
    """How a table shows its probabilities: as bars."""
    named = [name for name in table.columns if str(name).endswith("probability")]
    return {name: st.column_config.ProgressColumn(min_value=0.0, max_value=1.0, format="percent") for name in named}


def _bars(likely: tuple[tuple[str, float], ...]) -> alt.LayerChart | alt.FacetChart:
    """Bars from 0 to 1, each with its number beside it."""
    table = pd.DataFrame({"what": [name.replace("_", " ") for name, _ in likely], "share": [p for _, p in likely]})
    base = alt.Chart(table, height=_BAR * len(likely)).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=140)),
        x=alt.X("share:Q", scale=alt.Scale(domain=[0, 1.15]), axis=None),
        tooltip=[alt.Tooltip("what:N", title="of"), alt.Tooltip("share:Q", title="probability", format=".2%")],
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=13).encode(text=alt.Text("share:Q", format=".1%"))
    return alt.layer(base.mark_bar(height=18, cornerRadiusEnd=3), numbers)
