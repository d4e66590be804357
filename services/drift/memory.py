"""Which requests a window's objects tell of, and which of its labels were looked at, in; the same, days later, out.

Labels come long after the answers they are about. So each window leaves a few bytes a request in the bucket, by which a
later check finds the objects that it has to read again, and a label that comes twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import numpy as np

from headrace.ports import Objects, Version
from services.drift.keys import Keys, among
from services.drift.labels import Labels

_ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The objects that tell of requests with labels, with the keys of those requests, and the rows looked at before."""

    objects: Mapping[str, Keys]
    rows: frozenset[int]


def keep(store: Objects, version: Version, at: datetime, check: str, objects: Mapping[str, Keys], rows: Keys) -> None:
    """Remember the requests that each of the `objects` tells of, and the labelled `rows` that were looked at."""
    arrays: dict[str, Any] = {_ROWS: rows, **objects}
    stream = BytesIO()
    np.savez(stream, **arrays)
    store.write(f"{_prefix(version)}{_stamp(at)}-{check}.npz", stream.getvalue())


def recall(store: Objects, version: Version, since: datetime, until: datetime, labels: Labels) -> Remembered:
    """What checks of `version` since then and before `until` remember, as far as it is about these labels."""
    requests, rows, prefix = labels.requests, labels.rows, _prefix(version)
    objects: dict[str, Keys] = {}
    known = set[int]()
    for stat in store.list(prefix, after=f"{prefix}{_stamp(since)}"):
        if stat.name >= f"{prefix}{_stamp(until)}":
            break
        with np.load(BytesIO(store.read(stat.name)), allow_pickle=False) as kept:
            for name in kept.files:
                if name == _ROWS:
                    known.update(kept[name][among(kept[name], rows)].tolist())
                else:
                    objects |= about(requests, {name: kept[name]})
    return Remembered(objects, frozenset(known))


def about(requests: Keys, objects: Mapping[str, Keys]) -> dict[str, Keys]:
    """Those of the `objects` that tell of any of these requests, with the requests they tell of."""
    found = {name: told[among(told, requests)] for name, told in objects.items()}
    return {name: told for name, told in found.items() if len(told)}


def _prefix(version: Version) -> str:
    return f"windows/{version.workload}/{version.number:06d}/"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
