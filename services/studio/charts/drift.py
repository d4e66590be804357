"""What drift checks found in; charts of surprise, columns, rows and scores over time out."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from services.studio.charts import AXIS, LEGEND, LINE, LINE_HEIGHT, data, time

FAR = 4
"""So many times what an alarm takes, and more, are drawn alike."""

SHAPES = {"steady": "circle", "drifted": "triangle-up", "broken": "cross", "not enough": "stroke"}


def surprise(rows: Sequence[Mapping[str, Any]]) -> Any:
    """The most surprising column of each check, as a point, and the threshold, which is another for each size."""
    words = [word for word in SHAPES if any(row["verdict"] == word for row in rows)]
    base = alt.Chart(data(rows)).encode(x=time(rows))
    y = alt.Y("surprise:Q", title=None, scale=alt.Scale(type="symlog"), axis=alt.Axis(tickCount=6))
    legend = alt.Legend(title=None, orient="top")
    told = [
        alt.Tooltip("when:N", title="Check"),
        alt.Tooltip("column:N", title="Most surprising"),
        alt.Tooltip("surprise:Q", title="Surprise", format=".1f"),
        alt.Tooltip("threshold:Q", title="Threshold", format=".1f"),
        alt.Tooltip("verdict:N", title="Verdict"),
    ]
    threshold = base.mark_line(color=LINE, strokeDash=[4, 3], interpolate="step-after").encode(
        y=alt.Y("threshold:Q", title=None, scale=alt.Scale(type="symlog"))
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=y,
        color=alt.Color("verdict:N", scale=alt.Scale(domain=words), legend=legend),
        shape=alt.Shape(
            "verdict:N", scale=alt.Scale(domain=words, range=[SHAPES[word] for word in words]), legend=legend
        ),
        tooltip=told,
    )
    path = base.mark_line(color=LINE, strokeWidth=1).encode(y=y)
    return alt.layer(path, threshold, points).properties(height=220 + LEGEND)


def heat(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], checks: Sequence[str]) -> Any:
    """Columns by checks: the darker, the nearer an alarm or the further beyond; an alarm has a mark."""
    base = alt.Chart(data(rows)).encode(
        x=alt.X("check:O", sort=list(checks), title=None, axis=alt.Axis(labelOverlap=True, labelAngle=0)),
        y=alt.Y("column:N", sort=list(columns), title=None, axis=alt.Axis(labelLimit=170, ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("column:N", title="Column"),
            alt.Tooltip("when:N", title="Check"),
            alt.Tooltip("words:N", title="Found"),
            alt.Tooltip("change:Q", title="Rows that moved", format=".1%"),
            alt.Tooltip("strength:Q", title="Of what an alarm takes", format=".2f"),
        ],
    )
    colour = alt.Color(
        "strength:Q",
        scale=alt.Scale(domain=[0, FAR], clamp=True),
        legend=alt.Legend(
            title="of what an alarm takes", orient="top", direction="horizontal", gradientLength=160, values=[0, 1, FAR]
        ),
    )
    cells = base.mark_rect(cornerRadius=2).encode(color=colour)
    marks = base.transform_filter("datum.alarm").mark_point(
        shape="cross", filled=True, size=70, fill="#111111", stroke="#ffffff", strokeWidth=1.5, opacity=1
    )
    return alt.layer(cells, marks).properties(height=max(len(columns), 2) * (LINE_HEIGHT - 8) + AXIS + 60)


def volume(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows an hour, check by check; what is unusual is a cross."""
    base = alt.Chart(data(rows)).encode(
        x=time(rows),
        y=alt.Y("rate:Q", title=None),
        tooltip=[
            alt.Tooltip("when:N", title="Check"),
            alt.Tooltip("rows:Q", title="Rows", format=","),
            alt.Tooltip("rate:Q", title="Rows an hour", format=",.0f"),
            alt.Tooltip("volume:N", title="Said of it"),
        ],
    )
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        shape=alt.Shape(
            "unusual:N", scale=alt.Scale(domain=["usual", "unusual"], range=["circle", "cross"]), legend=None
        )
    )
    return alt.layer(base.mark_line(strokeWidth=1.5), points).properties(height=180)


def held(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A metric on rows whose truth is known, check by check, with what holds it; dashed is the test set."""
    base = alt.Chart(data(rows)).encode(x=time(rows))
    scale = alt.Scale(zero=False, padding=12)
    told = [
        alt.Tooltip("when:N", title="Check"),
        alt.Tooltip("version:N", title="Version"),
        alt.Tooltip("now:Q", title="Now", format=".4f"),
        alt.Tooltip("before:Q", title="On its test set", format=".4f"),
        alt.Tooltip("decayed:N", title="Decayed"),
    ]
    bars = base.mark_rule(strokeWidth=2, color=LINE).encode(y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q")
    shape = alt.Shape(
        "decayed:N", scale=alt.Scale(domain=["no", "yes"], range=["circle", "triangle-down"]), legend=None
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        y=alt.Y("now:Q", title=None, scale=scale), shape=shape, tooltip=told
    )
    then = base.mark_line(color=LINE, strokeDash=[4, 3], interpolate="step-after").encode(
        y=alt.Y("before:Q", title=None, scale=scale)
    )
    return alt.layer(then, bars, points).properties(height=180)
