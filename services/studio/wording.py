"""Text that somebody else wrote, a moment, a verdict in; Markdown and words that a page shows, out."""

import re
from datetime import datetime, timedelta
from typing import Literal

from headrace.promotion.decisions import AWAITING
from headrace.promotion.promotions import PROMOTED, REJECTED, ROLLED_BACK
from headrace.promotion.trials import ON_TRIAL

Colour = Literal["gray", "green", "blue", "violet", "orange", "red"]

_MEANT = re.compile(r"([\\`*_{}\[\]<>#|$~:])")
_STEPS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def plain(text: str) -> str:
    """Text as it is: nothing in it is taken for Markdown, for a formula or for an icon."""
    return _MEANT.sub(r"\\\1", " ".join(text.split()))


def at(moment: datetime) -> str:
    """A moment, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    passed = now - moment
    for step, unit in _STEPS:
        if passed >= step:
            count = int(passed / step)
            return f"{count:,} {unit}{'s' * (count != 1)} ago"
    return "just now"


VERDICTS = {
    "": "not judged yet",
    PROMOTED: "promoted",
    AWAITING: "awaits approval",
    ON_TRIAL: "on trial",
    REJECTED: "rejected",
    ROLLED_BACK: "rolled back",
}
"""Every verdict in words."""

ICONS = {
    "": ":material/hourglass_empty:",
    PROMOTED: ":material/check_circle:",
    AWAITING: ":material/how_to_reg:",
    ON_TRIAL: ":material/science:",
    REJECTED: ":material/block:",
    ROLLED_BACK: ":material/undo:",
}
COLOURS: dict[str, Colour] = {
    "": "gray",
    PROMOTED: "green",
    AWAITING: "blue",
    ON_TRIAL: "violet",
    REJECTED: "orange",
    ROLLED_BACK: "red",
}
SHAPES = {
    "promoted": "circle",
    "awaits approval": "diamond",
    "on trial": "triangle-up",
    "rejected": "cross",
    "rolled back": "square",
    "not judged yet": "stroke",
}
"""How a verdict is drawn in a chart, beside its colour."""
