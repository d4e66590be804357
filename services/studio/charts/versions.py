"""What was found of versions in; charts of their scores, gains, groups and reigns out."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any

import altair as alt

from headrace.policy.verdict import Interval
from services.studio.charts import AXIS, LEGEND, LINE, LINE_HEIGHT, data, rules, time

Rows = list[dict[str, Any]]


def whiskers(points: Mapping[str, Interval], lines: Mapping[str, float], title: str, shapes: Sequence[str]) -> Any:
    """A line for each name: the estimate as a point, what holds it as a whisker; `lines` are bounds, by their words."""
    rows: Rows = [
        {"name": name, "estimate": each.estimate, "low": _known(each.low, each), "high": _known(each.high, each)}
        for name, each in points.items()
        if isfinite(each.estimate)
    ]
    names = [row["name"] for row in rows]
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    base = alt.Chart(data(rows)).encode(y=y, color=alt.Color("name:N", sort=names, legend=None))
    told = [
        alt.Tooltip("name:N", title="Version"),
        alt.Tooltip("estimate:Q", title=title, format=".4f"),
        alt.Tooltip("low:Q", title="from", format=".4f"),
        alt.Tooltip("high:Q", title="to", format=".4f"),
    ]
    scale = alt.Scale(zero=False, padding=12)
    x = partial(alt.X, title=None, scale=scale, axis=alt.Axis(tickCount=8))
    bars = base.mark_rule(strokeWidth=2).encode(x=x("low:Q"), x2="high:Q")
    ends = [base.mark_tick(thickness=2, size=12).encode(x=x(f"{end}:Q")) for end in ("low", "high")]
    shape = alt.Shape(
        "name:N", sort=names, scale=alt.Scale(domain=names, range=list(shapes)[: len(names)]), legend=None
    )
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(x=x("estimate:Q"), shape=shape, tooltip=told)
    layers = [*rules(lines), bars, *ends, dots]
    return alt.layer(*layers).properties(height=LINE_HEIGHT * max(len(rows), 1) + AXIS)


def gains(rows: Iterable[Mapping[str, Any]], title: str, least: float, shapes: Mapping[str, str]) -> Any:
    """Gains over the champion of the time with their intervals, a version a line; `least` is what the policy asks."""
    listed = list(rows)
    names = [row["version"] for row in listed]
    y = alt.Y("version:N", sort=names, title=None, axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    base = alt.Chart(data(listed)).encode(y=y)
    words = [word for word in shapes if any(row["verdict"] == word for row in listed)]
    verdict = {
        "color": alt.Color(
            "verdict:N", scale=alt.Scale(domain=words), legend=alt.Legend(title=None, orient="top", columns=2)
        ),
        "shape": alt.Shape(
            "verdict:N",
            scale=alt.Scale(domain=words, range=[shapes[word] for word in words]),
            legend=alt.Legend(title=None, orient="top", columns=2),
        ),
    }
    told = [
        alt.Tooltip("version:N", title="Version"),
        alt.Tooltip("gain:Q", title=title, format="+.4f"),
        alt.Tooltip("low:Q", title="from", format="+.4f"),
        alt.Tooltip("high:Q", title="to", format="+.4f"),
        alt.Tooltip("against:N", title="Against"),
        alt.Tooltip("verdict:N", title="Verdict"),
    ]
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, axis=alt.Axis(format="+.3~f", tickCount=10)), x2="high:Q", color=verdict["color"]
    )
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=alt.X("gain:Q", title=None), tooltip=told, **verdict
    )
    lines = {"as good as the champion": 0.0, **({"the least gain": least} if least else {})}
    return alt.layer(*rules(lines), bars, dots).properties(height=LINE_HEIGHT * max(len(listed), 1) + AXIS + LEGEND)


def dumbbells(rows: Sequence[Mapping[str, Any]], title: str, versions: Sequence[str]) -> Any:
    """Groups, a line each, with one point a version and what lies between them."""
    names = list(dict.fromkeys(row["group"] for row in rows))
    y = alt.Y("group:N", sort=names, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    x = alt.X("score:Q", title=None, scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(tickCount=8))
    base = alt.Chart(data(rows)).encode(y=y)
    between = base.mark_line(color=LINE, strokeWidth=2).encode(x=x, detail="group:N")
    legend = alt.Legend(title=None, orient="top", labelLimit=240, columns=2)
    dots = base.mark_point(filled=True, size=110, opacity=1).encode(
        x=x,
        color=alt.Color("version:N", sort=list(versions), legend=legend),
        shape=alt.Shape("version:N", sort=list(versions), legend=legend),
        tooltip=[
            alt.Tooltip("group:N", title="Group"),
            alt.Tooltip("version:N", title="Version"),
            alt.Tooltip("score:Q", title=title, format=".4f"),
            alt.Tooltip("rows:Q", title="Rows", format=","),
        ],
    )
    return alt.layer(between, dots).properties(height=LINE_HEIGHT * max(len(names), 1) + AXIS + LEGEND)


def reigns(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Which version was champion from when to when; what was done by hand is hollow."""
    names = sorted({row["version"] for row in rows}, key=lambda name: int(name.removeprefix("version ")), reverse=True)
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("version:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=time(rows, "begun"),
        x2="ended:T",
        color=alt.Color("version:N", sort=names, legend=None),
        tooltip=[
            alt.Tooltip("version:N", title="Champion"),
            alt.Tooltip("from:N"),
            alt.Tooltip("to:N"),
            alt.Tooltip("who:N", title="by"),
            alt.Tooltip("why:N", title="because"),
        ],
    )
    bars = base.mark_bar(height=14, cornerRadius=3, strokeWidth=2).encode(
        fillOpacity=alt.condition("datum.by_hand", alt.value(0.25), alt.value(1)),
        stroke=alt.Color("version:N", sort=names),
    )
    return bars.properties(height=LINE_HEIGHT * max(len(names), 1) + AXIS)


def _known(bound: float, interval: Interval) -> float:
    return bound if isfinite(bound) else interval.estimate
