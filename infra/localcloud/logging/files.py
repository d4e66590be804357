"""Folders of log files in; their last lines, each with its time and what else it says, out."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TAIL_BYTES = 256 << 10
_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of `file` that begins at byte `offset`: as text, and its fields where it is a JSON object."""

    at: datetime
    file: Path
    offset: int
    text: str
    fields: Mapping[str, Any] | None


def of_batch_job(state: Path, uid: str) -> list[Path]:
    """The log files of the Batch job with this uid."""
    named = (path for path in (state / "logs").glob("*/uid") if path.read_text() == uid)
    return _newest(file for path in named for file in path.parent.glob("*.log"))


def of_run_job(state: Path, job: str) -> list[Path]:
    """The log files of all executions of a Cloud Run job."""
    folders = (path for path in (state / "logs").glob(f"{job}-*") if path.name.rpartition("-")[0] == job)
    return _newest(file for path in folders for file in path.glob("*.log"))


def lines(file: Path) -> Iterator[Line]:
    """The last lines of a file; those before the first one that says when it was written have that one's time."""
    raw = _tail(file)
    read = [(offset, text, _fields(text)) for offset, text in raw]
    at = next((_time(fields) for _, _, fields in read if fields and "time" in fields), _written(file))
    for offset, text, fields in read:
        at = _time(fields) if fields and "time" in fields else at
        yield Line(at, file, offset, text, fields)


def _newest(files: Iterator[Path]) -> list[Path]:
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[:_MOST_FILES]


def _tail(file: Path) -> list[tuple[int, str]]:
    """Offsets and texts of the lines in the last part of a file, without one that begins before it."""
    with file.open("rb") as content:
        end = content.seek(0, os.SEEK_END)
        offset = content.seek(max(0, end - _TAIL_BYTES))
        if offset:
            offset += len(content.readline())
        found = []
        for line in content:
            if text := line.decode(errors="replace").rstrip():
                found.append((offset, text))
            offset += len(line)
        return found


def _fields(text: str) -> Mapping[str, Any] | None:
    if text.startswith("{"):
        with suppress(ValueError):
            found: Mapping[str, Any] = json.loads(text)
            return found
    return None


def _time(fields: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(fields["time"]))


def _written(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
