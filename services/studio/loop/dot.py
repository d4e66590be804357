"""The loop as it is now in; a picture of it in DOT, the way round on two rows, out."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.studio.reading.loop.hops import Carried, Hop, Loop, Stop

COLUMNS: tuple[tuple[str, ...], ...] = (
    ("data",),
    ("ingest",),
    ("trainer", "drift"),
    ("training", "inference"),
    ("mlflow", "evaluator"),
    ("registry_hook",),
)
"""The way from data to champion, and back on the second row. What is not named here stands beside the loop."""

MAIN = frozenset(name for column in COLUMNS for name in column)
_PLACE = {name: number for number, column in enumerate(COLUMNS) for name in column}

_SHAPES = {"bucket": "cylinder", "process": "box", "job": "box3d"}
_MARKS = {"working": "\u25b6 ", "paused": "\u23f8 ", "failing": "\u26a0 ", "idle": ""}
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|[ _]")


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours that stand off the page: words, what rests, what works, what wants somebody."""

    words: str
    quiet: str
    working: str
    worry: str
    fill: str


LIGHT = Ink(words="#24292f", quiet="#8c959f", working="#0969da", worry="#bc4c00", fill="#f6f8fa")
DARK = Ink(words="#e6edf3", quiet="#7d8590", working="#58a6ff", worry="#f0883e", fill="#1c2128")


def dot(loop: Loop, ink: Ink, shown: Collection[str] = MAIN) -> str:
    """What works has a mark and a thick line, what rests a thin one; what is paused or failing has a mark, too."""
    lines = [*_defaults(ink), *_stops(loop, ink, shown), *_columns(loop, shown), *_hops(loop, ink, shown)]
    return "\n".join(["digraph loop {", *(f"  {line}" for line in lines), "}"])


def _defaults(ink: Ink) -> Iterator[str]:
    yield 'graph [rankdir=LR, bgcolor="transparent", nodesep=0.6, ranksep=0.1, margin=0, fontname="Helvetica"]'
    yield (
        f'node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=17, fontcolor="{ink.words}",'
        f' color="{ink.quiet}", fillcolor="{ink.fill}", height=0.6, width=0.8, margin="0.1,0.08"]'
    )
    yield f'edge [fontname="Helvetica", fontsize=14, fontcolor="{ink.words}", color="{ink.quiet}", arrowsize=0.7]'


def _stops(loop: Loop, ink: Ink, shown: Collection[str]) -> Iterator[str]:
    for stop in loop.stops:
        if stop.name in shown:
            colour = {"working": ink.working, "idle": ink.quiet}.get(stop.state, ink.worry)
            drawn = f"shape={_SHAPES[stop.entry]}, style=filled, " if stop.entry in _SHAPES else ""
            yield (
                f'{stop.name} [label="{_label(stop)}", {drawn}color="{colour}", penwidth={_width(stop)},'
                f' group={_row(stop.name)}, tooltip="{stop.name}: {stop.state}"]'
            )


def _width(stop: Stop) -> float:
    return 1 if stop.state == "idle" else 3


def _row(name: str) -> str:
    """Which of the two rows it stands on."""
    return "way" if any(column[0] == name for column in COLUMNS) else "back"


def _label(stop: Stop) -> str:
    name = "data bucket" if stop.entry == "bucket" else stop.name
    return _MARKS[stop.state] + _broken(name) + "".join(f"\\n{part}" for part in filter(None, stop.words.split(", ")))


def _broken(words: str) -> str:
    """A line for each word: narrow labels leave room for large ones."""
    return _WORD.sub("\\\\n", words)


def _columns(loop: Loop, shown: Collection[str]) -> Iterator[str]:
    there = {stop.name for stop in loop.stops} & set(shown)
    for column in COLUMNS:
        if len(same := [name for name in column if name in there]) > 1:
            yield f"{{ rank=same; {'; '.join(same)} }}"


def _hops(loop: Loop, ink: Ink, shown: Collection[str]) -> Iterator[str]:
    """What leads back is drawn from its end, so that columns stay in their order."""
    for hop in loop.hops:
        if hop.start in shown and hop.end in shown:
            style = f'label="{_carried(hop)}", {_line(hop, ink)}'
            if (start := _PLACE.get(hop.start)) is None or (end := _PLACE.get(hop.end)) is None or start < end:
                yield f"{hop.start} -> {hop.end} [{style}]"
            elif start == end:
                yield f"{hop.start} -> {hop.end} [{style}, constraint=false]"
            else:
                yield f"{hop.end} -> {hop.start} [{style}, dir=back]"


def _line(hop: Hop, ink: Ink) -> str:
    if hop.working:
        return f'color="{ink.working}", fontcolor="{ink.working}", penwidth=3'
    return "style=dashed" if hop.last is None else "style=solid"


def _carried(hop: Hop) -> str:
    mark = _MARKS["working"] if hop.working else ""
    return mark + "\\n".join(_broken(counted(each)) for each in hop.carries)


def counted(carried: Carried) -> str:
    """An event with the number of times that it was told, where that is known."""
    return f"{carried.what} \u00d7{carried.count}" if carried.count else carried.what
