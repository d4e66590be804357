"""The references of one model version in its export folder: of what it is asked, what it answers and what is true."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from headrace.drift.columns import Grid, Numbers
from headrace.drift.judging import Alarm, judged
from headrace.drift.reference import Reference
from headrace.drift.window import Window
from headrace.workload import Arrays

INPUTS, ANSWERS, LABELS = "inputs", "answers", "labels"
PARTS = (INPUTS, ANSWERS, LABELS)
LEAST_ROWS = 200
"""Of fewer nothing is said."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A reference for each part that has columns."""

    parts: Mapping[str, Reference]

    @classmethod
    def of(cls, columns: Mapping[str, Arrays]) -> Self:
        """References of rows by part; the parts need not have the same rows."""
        return cls({part: Reference.of(each) for part, each in columns.items() if each})

    def write(self, folder: Path) -> None:
        """Keep it beside the exported model."""
        for part, reference in self.parts.items():
            reference.write(_path(folder, part))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `write` kept there, if anything."""
        return cls({part: Reference.read(_path(folder, part)) for part in PARTS if _path(folder, part).is_file()})

    def columns(self, part: str) -> tuple[str, ...]:
        """The columns of a part, if it has any."""
        return tuple(self._grids(part))

    def numbers(self, part: str) -> tuple[str, ...]:
        """The columns of a part in which all are numbers; none of another."""
        all_numbers = all(isinstance(grid, Numbers) for grid in self._grids(part).values())
        return self.columns(part) if all_numbers else ()

    def _grids(self, part: str) -> Mapping[str, Grid]:
        return self.parts[part].grids if part in self.parts else {}

    def windows(self) -> dict[str, Window]:
        """Windows to count rows in, by part."""
        return {part: Window(reference) for part, reference in self.parts.items()}


def all_judged(windows: Mapping[str, Window], false_alarms: float, least_change: float) -> dict[str, list[Alarm]]:
    """Alarms by part, for each that has rows enough: so many false ones in each."""
    return {
        part: judged(window.reference, window, false_alarms, least_change)
        for part, window in windows.items()
        if window.rows >= LEAST_ROWS
    }


def _path(folder: Path, part: str) -> Path:
    return folder / f"profile-{part}.npz"
