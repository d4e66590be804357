"""A refusal's sentence and the names of fields in; the field that it is about out."""

import re
from collections.abc import Iterable


def blamed(sentence: str, fields: Iterable[str]) -> str:
    """The field that the sentence begins with, else the first that it names as a word; empty when it names none."""
    names = sorted(fields, key=len, reverse=True)
    begun = next((name for name in names if re.match(rf"(row \d+: )?{re.escape(name)}\b", sentence)), "")
    places = {name: found.start() for name in names if (found := re.search(rf"\b{re.escape(name)}\b", sentence))}
    return begun or min(places, key=lambda name: places[name], default="")
