"""The story of a dataset version in; its stages side by side, and every step with a link, drawn, out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import altair as alt
import pandas as pd
import streamlit as st

from headrace.records.story import Kind, Step
from services.studio.linking import Links
from services.studio.loop.picture import lasted
from services.studio.reading.loop.stages import Stage
from services.studio.wording import plain

_ICONS: dict[Kind, str] = {
    "uploaded": ":material/upload_file:",
    "ready": ":material/inventory_2:",
    "asked": ":material/record_voice_over:",
    "submitted": ":material/schedule:",
    "began": ":material/model_training:",
    "registered": ":material/deployed_code:",
    "failed": ":material/error:",
    "judged": ":material/gavel:",
    "promoted": ":material/emoji_events:",
    "served": ":material/bolt:",
}
TOP, ROW = 140, 32
_UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def draw(steps: Sequence[Step], found: Sequence[Stage], links: Links, about: tuple[str, str]) -> None:
    """The stages, then the steps in the order of time; `about` is a workload and a dataset version."""
    if found:
        st.altair_chart(_chart(found))
    st.markdown("\n".join(_lines(steps, links, about)))


def _chart(found: Sequence[Stage]) -> alt.Chart:
    first, last = min(stage.begin for stage in found), max(stage.end for stage in found)
    unit, seconds = next((each for each in _UNITS if (last - first).total_seconds() > 3 * each[1]), _UNITS[-1])
    rows = [
        {
            "track": stage.track,
            "stage": stage.name,
            "from": (stage.begin - first).total_seconds() / seconds,
            "to": (stage.end - first).total_seconds() / seconds,
            "took": lasted(stage.seconds) + (" so far" if stage.open else ""),
        }
        for stage in found
    ]
    tracks = list(dict.fromkeys(stage.track for stage in found))
    names = list(dict.fromkeys(stage.name for stage in found))
    axis = alt.Axis(title=None, labelLimit=170, domain=False, ticks=False)
    bars = alt.Chart(pd.DataFrame(rows)).mark_bar(cornerRadius=3, height=18)
    chart: alt.Chart = bars.encode(
        alt.X("from:Q", title=f"{unit} after the upload"),
        alt.X2("to:Q"),
        alt.Y("track:N", sort=tracks, axis=axis),
        alt.Color("stage:N", sort=names, title=None, legend=alt.Legend(orient="top", columns=5)),
        tooltip=["track", "stage", "took"],
    ).properties(height=TOP + ROW * len(tracks))
    return chart


def _lines(steps: Sequence[Step], links: Links, about: tuple[str, str]) -> Iterator[str]:
    """A line for each step with the time that passed since the one before it."""
    before: datetime | None = None
    for step in steps:
        passed = f"+{lasted((step.at - (before or step.at)).total_seconds())}"
        who = f" · {step.source}" if step.source else ""
        said = f"{_words(step)}{_link(step, links, about)}{who}"
        yield f"- {_ICONS[step.kind]} `{step.at:%m-%d %H:%M:%S}` {passed} {said}"
        before = step.at


def _words(step: Step) -> str:
    head = f"**{plain(step.words.head)}** " if step.words.head else ""
    return head + plain(step.words.rest)


def _link(step: Step, links: Links, about: tuple[str, str]) -> str:
    workload, dataset = about
    if step.version is not None and step.kind in ("registered", "judged", "promoted") and step.source:
        return f" [MLflow]({links.version(workload, step.version)})"
    if step.kind in ("uploaded", "ready"):
        drift = f" [report]({links.drift(workload)})" if step.words.head == "drift" else ""
        return f" [data]({links.dataset(workload, dataset)}){drift}"
    return ""
