"""Rows of numbers in; a prediction log of them in a folder, as the inference service writes it, out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from headrace.ports import Stat

WORKLOAD, COLUMNS, SHIFT = "synth_tabular", 20, 0.1
NAMES = tuple(f"x{place:02}" for place in range(COLUMNS))
OBJECT_BYTES = 16 << 20
AT_ONCE = 100_000
_TIME = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Folder:
    """A folder as a bucket, as far as a check reads one."""

    def __init__(self, root: Path) -> None:
        self.bucket, self._root = root.name, root

    def list(self, prefix: str, after: str | None = None) -> Iterator[Stat]:
        """Files by name."""
        for path in sorted((self._root / prefix).glob("*")):
            name = path.relative_to(self._root).as_posix()
            if after is None or name >= after:
                yield Stat(name, 1, path.stat().st_size, "", _TIME)

    def read(self, name: str, limit: int | None = None) -> bytes:
        """A whole file."""
        return (self._root / name).read_bytes()[:limit]


def rows(total: int, seed: int) -> npt.NDArray[np.float64]:
    """Rows (n, 20) with four decimals: half of the columns normal, half skewed."""
    random = np.random.default_rng(seed)
    normal = random.normal(size=(total, COLUMNS // 2))
    skewed = random.lognormal(0, 0.6, (total, COLUMNS // 2))
    return np.concatenate([normal, skewed], 1).round(4)


def columns(values: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    """The same by name."""
    return dict(zip(NAMES, np.ascontiguousarray(values.T), strict=True))


def write(root: Path, total: int, rows_a_request: int) -> None:
    """Log so many rows."""
    (root / "predictions").mkdir(parents=True)
    waiting, size = list[bytes](), 0
    for line in _lines(total, rows_a_request):
        waiting.append(line)
        size += len(line) + 1
        if size >= OBJECT_BYTES:
            _flush(root, waiting)
            waiting, size = [], 0
    _flush(root, waiting)


def _flush(root: Path, lines: list[bytes]) -> None:
    number = len(list((root / "predictions").iterdir()))
    (root / "predictions" / f"{number:06}.jsonl").write_bytes(b"\n".join([*lines, b""]))


def _lines(total: int, rows_a_request: int) -> Iterator[bytes]:
    for begin in range(0, total, AT_ONCE):
        values = rows(min(AT_ONCE, total - begin), seed=1 + begin)
        values[:, 0] += SHIFT
        instances = [dict(zip(NAMES, row, strict=True)) for row in values.tolist()]
        for start in range(0, len(instances), rows_a_request):
            yield _line(f"{begin + start:032x}", instances[start : start + rows_a_request])


def _line(request: str, instances: list[dict[str, float]]) -> bytes:
    answers = [{"label": "ab"[row["x00"] > 0], "probability": round(abs(row["x01"]) % 1, 6)} for row in instances]
    about = {"time": _TIME, "request_id": request, "workload": WORKLOAD, "version": 1, "alias": "champion"}
    more = {"caller": "bench", "trace": "0" * 32, "instances": instances, "predictions": answers, "latency_ms": 1.25}
    return msgspec.json.encode(about | more)
