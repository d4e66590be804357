"""The loop as it is now in; the picture of it, on a narrow screen a list, out."""

from collections.abc import Collection
from datetime import datetime

import streamlit as st

from services.studio.loop import dot
from services.studio.loop.dot import counted
from services.studio.reading.loop.hops import Hop, Loop, Stop

# Streamlit gives all words of a chart one small size; these are the sizes that room was made for.
_STYLE = """<style>
.st-key-loop_list { display: none; }
.st-key-loop_picture svg { max-width: 100%; height: auto; }
.st-key-loop_picture svg .node text { font-size: 17px !important; }
.st-key-loop_picture svg .edge text { font-size: 14px !important; }
@media (max-width: 640px) {
  .st-key-loop_list { display: flex; }
  .st-key-loop_picture { display: none; }
}
</style>"""
_ICONS = {
    "working": ":material/play_arrow:",
    "paused": ":material/pause:",
    "failing": ":material/warning:",
}


def draw(loop: Loop, now: datetime, everything: bool) -> None:
    """Both; which one is seen is for the width of the window to say."""
    names = {stop.name for stop in loop.stops}
    shown = names if everything else names & dot.MAIN
    st.html(_STYLE)
    with st.container(key="loop_picture"):
        ink = dot.DARK if st.context.theme.type == "dark" else dot.LIGHT
        st.graphviz_chart(dot.dot(loop, ink, shown), width="stretch", alt=said(loop, shown))
    with st.container(key="loop_list"):
        st.markdown(listed(loop, now, shown))


def said(loop: Loop, shown: Collection[str]) -> str:
    """The picture in a sentence, for who cannot see it."""
    busy = [_called(stop) for stop in loop.stops if stop.name in shown and stop.state != "idle"]
    hops = [f"{hop.start} to {hop.end}" for hop in loop.hops if hop.working and {hop.start, hop.end} <= set(shown)]
    if not busy and not hops:
        return "The loop rests: nothing has moved in the last two minutes."
    return f"At work: {', '.join(busy) or 'nobody'}. Hops that carried something: {', '.join(hops) or 'none'}."


def listed(loop: Loop, now: datetime, shown: Collection[str]) -> str:
    """The same as a list in Markdown: who is at work, then every hop over which something went, the last one first."""
    stops = [f"- {_ICONS[stop.state]} **{_called(stop)}**" for stop in loop.stops if stop.state != "idle"]
    hops = [hop for hop in loop.hops if {hop.start, hop.end} <= set(shown)]
    moved = sorted((hop for hop in hops if hop.last), key=lambda hop: hop.last or now, reverse=True)
    lines = [*stops, *(_line(hop, now) for hop in moved)]
    return "\n".join(lines) if lines else "Nothing went over any hop of the loop in this time."


def _line(hop: Hop, now: datetime) -> str:
    carried = ", ".join(counted(each) for each in hop.carries if each.count)
    icon = f"{_ICONS['working']} " if hop.working else ""
    ago = f"{lasted((now - hop.last).total_seconds())} ago" if hop.last else ""
    return f"- {icon}{_spaced(hop.start)} → {_spaced(hop.end)}: {carried}, {ago}"


def _called(stop: Stop) -> str:
    return f"{_spaced(stop.name)} ({stop.words or stop.state})"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def lasted(seconds: float) -> str:
    """A stretch of time as people say it."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
