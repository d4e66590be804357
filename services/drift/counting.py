"""Objects of the prediction log in; what is in them, counted on a profile's grids, out."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from headrace import catalogue
from headrace.drift import ANSWERS, INPUTS, Profile, answer_columns
from headrace.drift.columns import Counts
from headrace.drift.describing import codec_of, described_by
from headrace.workload import Arrays, Instance
from services.drift import keys, lines
from services.drift.keys import Keys
from services.drift.lines import Logged
from services.drift.sample import Sample


@dataclass(frozen=True, slots=True)
class Counted:
    """One object: its rows by column, the keys of its lines, and a sample."""

    rows: int
    counts: Mapping[str, Mapping[str, Counts]]
    told: Keys
    sample: Sample


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the answers of one version of a workload; where its `export` lies here, with what its codec says."""

    workload: str
    version: int
    profile: Profile
    export: Path | None = None

    def count(self, name: str, data: bytes, known: Set[int] = frozenset()) -> Counted:
        """Count the object `name`, without the lines that are `known`; what it tells twice counts once."""
        told, windows = set(known), self.profile.windows()
        sample, rows = Sample(crc32(name.encode())), 0
        numbers = self.profile.numbers(INPUTS)
        for part in lines.read(data, self.workload, self.version, numbers):
            fresh = _first_told(part, told)
            instances = lines.instances(fresh, numbers)
            if not instances:
                continue
            rows += len(instances)
            described = catalogue.serving(self.workload).describe(instances)
            for kind, columns in ((INPUTS, described), (ANSWERS, self._answers(fresh, instances))):
                if kind in windows:
                    windows[kind].add(columns, len(instances))
            sample.add(described, len(instances))
        counts = {kind: window.counts for kind, window in windows.items()}
        return Counted(rows, counts, keys.ordered(told - known), sample)

    def _answers(self, part: Sequence[Logged[Any]], instances: Sequence[Instance]) -> Arrays:
        """What the model said, and what its codec says of what it was asked."""
        answers = answer_columns([answer for line in part for answer in line.predictions])
        if self.export is None:
            return answers
        return {**answers, **described_by(codec_of(self.workload, self.export), instances)}


def _first_told(part: Sequence[Logged[Any]], told: set[int]) -> list[Logged[Any]]:
    """Lines that the bus delivers for the first time, by request and time; they are `told` from now on."""
    fresh = []
    for line in part:
        key = keys.of_line(line.request_id, line.time)
        if key not in told:
            told.add(key)
            fresh.append(line)
    return fresh
