"""Numbers with their bounds in; charts that follow the theme, and tell things apart by more than their colour, out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import altair as alt

LINE = "#8a94a0"
"""Seen on a light page and on a dark one."""

LINE_HEIGHT, AXIS, LEGEND = 30, 34, 40
"""Pixels of a line of a chart, of what is below all of them and above."""


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows, to be drawn as they are."""
    return alt.InlineData(values=[dict(row) for row in rows])


def time(rows: Sequence[Mapping[str, Any]], field: str = "at") -> Any:
    """The axis of moments, in UTC as everywhere on the pages: times of a day, or days."""
    moments = [datetime.fromisoformat(row[field]) for row in rows]
    span = max(moments) - min(moments) if moments else timedelta()
    form = "%H:%M:%S" if span < timedelta(minutes=20) else "%H:%M" if span < timedelta(days=2) else "%b %d"
    axis = alt.Axis(format=form, labelOverlap=True, tickCount=8)
    return alt.X(f"{field}:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def rules(lines: Mapping[str, float]) -> list[Any]:
    """Upright lines at bounds, by their words; the first is drawn through."""
    return [
        alt.Chart(data([{"at": at, "words": words}]))
        .mark_rule(color=LINE, strokeDash=[4, 3] if place else [1, 0], strokeWidth=1.5)
        .encode(
            x=alt.X("at:Q", title=None),
            tooltip=[alt.Tooltip("words:N", title="Bound"), alt.Tooltip("at:Q", title="at")],
        )
        for place, (words, at) in enumerate(lines.items())
    ]
