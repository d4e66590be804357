"""Objects of the prediction log in; what is in them, counted on a profile's grids, out."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zlib import crc32

from headrace import loading
from headrace.drift import ANSWERS, INPUTS, Profile
from headrace.drift.columns import Counts
from headrace.drift.describing import codec_of, described_by
from headrace.instances import joined
from headrace.workload import Arrays, Instance
from services.drift import keys, lines
from services.drift.keys import Keys
from services.drift.lines import Lines
from services.drift.sample import Sample, stacked

PIECES = 64
"""So many pieces of an object are counted at once."""

Piece = tuple[Sequence[Instance], Arrays]
"""What was asked, and what was answered."""


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
        for instances, answers in _together(self._read(data, told)):
            rows += len(instances)
            described = loading.serving(self.workload).describe(instances)
            for kind, columns in ((INPUTS, described), (ANSWERS, self._answers(answers, instances))):
                if kind in windows:
                    windows[kind].add(columns, len(instances))
            sample.add(described, len(instances))
        counts = {kind: window.counts for kind, window in windows.items()}
        return Counted(rows, counts, keys.ordered(told - known), sample)

    def _read(self, data: bytes, told: set[int]) -> Iterator[Piece]:
        """What was asked and answered for the first time, a piece of the object at a time."""
        decoder = lines.of_numbers(self.profile)
        for part in lines.read(data, self.workload, self.version, decoder):
            yield _held(_first_told(part, told))
            del part  # or the next would find no room beside it in the core's cache

    def _answers(self, answers: Arrays, instances: Sequence[Instance]) -> Arrays:
        """What the model said, and what its codec says of what it was asked."""
        if self.export is None:
            return answers
        return {**answers, **described_by(codec_of(self.workload, self.export), instances)}


def _held(part: Lines) -> Piece:
    """What lines say, without the lines."""
    return lines.asked(part), lines.answered(part)


def _together(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """So many pieces as one: what is small is read faster, what is large is counted faster."""
    while some := list(islice(pieces, PIECES)):
        if instances := joined([rows for rows, _ in some if rows]):
            yield instances, stacked([answers for _, answers in some], [len(rows) for rows, _ in some])


def _first_told(part: Lines, told: set[int]) -> Lines:
    """Lines that the bus delivers for the first time, by request and time; they are `told` from now on."""
    fresh = []
    for line in part:
        key = keys.of_line(line.request_id, line.time)
        if key not in told:
            told.add(key)
            fresh.append(line)
    return fresh
