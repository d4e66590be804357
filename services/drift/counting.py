"""Objects of the prediction log in; what is in them, counted on a profile's grids, out."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from headrace import catalogue
from headrace.drift import ANSWERS, INPUTS, Profile, answer_columns
from headrace.drift.columns import Counts
from headrace.workload import Instance
from services.drift import lines
from services.drift.lines import Line
from services.drift.sample import Sample

if TYPE_CHECKING:
    import numpy.typing as npt

Labels = Mapping[str, Mapping[int, str]]
"""What is true, by request and row."""

Labelled = list[tuple[Instance, str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """One object: its rows by column, which requests it tells of, a sample, and the rows whose truth is known."""

    rows: int
    counts: Mapping[str, Mapping[str, Counts]]
    told: "npt.NDArray[np.uint64]"
    sample: Sample
    labelled: Labelled


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the answers of one version of a workload."""

    workload: str
    version: int
    profile: Profile
    labels: Labels = field(default_factory=dict)

    def count(self, name: str, data: bytes, known: Set[int] = frozenset()) -> Counted:
        """Count the object `name`, without the requests that are `known`; what it tells twice counts once."""
        told, windows = set(known), self.profile.windows()
        sample, labelled, rows = Sample(crc32(name.encode())), Labelled(), 0
        for part in lines.read(data, self.workload, self.version):
            fresh = _first_told(part, told)
            instances = [row for line in fresh for row in line.instances]
            if not instances:
                continue
            rows += len(instances)
            described = catalogue.serving(self.workload).describe(instances)
            columns = {INPUTS: described, ANSWERS: _answers(fresh)}
            for kind, window in windows.items():
                if kind in columns:
                    window.add(columns[kind], len(instances))
            sample.add(described, len(instances))
            labelled += self._labelled(fresh)
        counts = {kind: window.counts for kind, window in windows.items()}
        return Counted(rows, counts, np.array(sorted(told - known), np.uint64), sample, labelled)

    def _labelled(self, part: Sequence[Line]) -> Labelled:
        if not self.labels:
            return []
        return [
            (line.instances[row], label)
            for line in part
            for row, label in self.labels.get(line.request_id, {}).items()
            if row < len(line.instances)
        ]


def _answers(part: Sequence[Line]) -> "dict[str, npt.NDArray[np.generic]]":
    return answer_columns([answer for line in part for answer in line.predictions])


def _first_told(part: Sequence[Line], told: set[int]) -> list[Line]:
    """Lines that the bus delivers for the first time, by request and time; they are `told` from now on."""
    fresh = []
    for line in part:
        key = int.from_bytes(blake2b(f"{line.request_id} {line.time}".encode(), digest_size=8).digest())
        if key not in told:
            told.add(key)
            fresh.append(line)
    return fresh
