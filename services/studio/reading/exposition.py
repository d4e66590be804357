"""Prometheus's text format in; samples by name out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SAMPLE = re.compile(
    r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>[-+]?(?:[\d.]+(?:e[-+]?\d+)?|Inf)|NaN)"
)
_LABEL = re.compile(r'(?P<name>\w+)="(?P<value>(?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One line."""

    labels: Mapping[str, str]
    value: float


Samples = Mapping[str, list[Sample]]


def parse(text: str) -> Samples:
    """Every sample of a page; what is no sample is passed over."""
    found: dict[str, list[Sample]] = {}
    for line in text.splitlines():
        match = None if line.startswith("#") else _SAMPLE.fullmatch(line)
        if match:
            labels = {each["name"]: _plain(each["value"]) for each in _LABEL.finditer(match["labels"] or "")}
            found.setdefault(match["name"], []).append(Sample(labels, float(match["value"])))
    return found


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda each: "\n" if each[1] == "n" else each[1], value)
