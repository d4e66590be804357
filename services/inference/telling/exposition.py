"""Samples in; Prometheus's text format out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

Sample = tuple[str, Mapping[str, object], float]
"""A suffix of the family's name, labels, a value."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def family(
    name: str, kind: Literal["counter", "gauge", "histogram"], about: str, samples: Iterable[Sample]
) -> Iterator[str]:
    """The lines of one metric."""
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for suffix, labels, value in samples:
        named = ",".join(f'{key}="{str(given).translate(_ESCAPES)}"' for key, given in labels.items())
        yield f"{name}{suffix}{{{named}}} {value}" if named else f"{name}{suffix} {value}"
