"""Measure what the drift check finds and what it costs: `python -m tests.bench.drift [--elec FILE]`.

False alarms are counted on windows drawn from what the reference was drawn from. The cost is that of a window of
logged rows, read as a check reads them, in processes of its own, beside Evidently's preset on the same log.
`--elec` takes the electricity data set (Harries, 1999) as CSV, of which it is known which columns drift.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import numpy as np
import numpy.typing as npt
import psutil
from rich.console import Console
from rich.table import Table

from headrace.drift import Alarm, Reference, Window, judged
from tests.bench import drift_log

Columns = Mapping[str, npt.NDArray[np.float64]]
Took = Mapping[str, float]
"""Seconds, and those of all processors."""

FALSE_ALARMS, LEAST_CHANGE = 0.01, 0.005
SIZES, WINDOWS = (200, 1000, 10_000), 300
ROUNDS = 3
"""Of so many checks the median is shown; of the large window there is one."""

MARKS = {"seconds": 2.5, "megabytes": 350, "times Evidently": 40, "import": 0.6, "false alarms": 0.02}

console = Console()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elec", type=Path, help="the electricity data set as CSV")
    parser.add_argument("--rows", type=int, default=1_000_000, help="logged rows of the window whose cost is measured")
    parser.add_argument("--cost-only", action="store_true", help="leave out what is found")
    parser.add_argument("--without-evidently", action="store_true", help="which takes minutes for a million rows")
    asked = parser.parse_args()
    if not asked.cost_only:
        false_alarms()
        small_shift()
    if asked.elec:
        electricity(asked.elec)
    cost(asked.rows, not asked.without_evidently)


def false_alarms() -> None:
    """Undrifted windows of several sizes against one reference."""
    reference = Reference.of(drift_log.columns(drift_log.rows(50_000, seed=0)))
    table = Table("rows of a window", "windows", "false alarms", title=f"at {FALSE_ALARMS:.0%}, 20 columns together")
    for size in SIZES:
        windows = (drift_log.columns(drift_log.rows(size, seed)) for seed in range(1, WINDOWS + 1))
        found = sum(bool(_alarms(reference, window, least_change=0)) for window in windows)
        table.add_row(f"{size:,}", str(WINDOWS), f"{found / WINDOWS:.1%}")
    console.print(table)


def small_shift() -> None:
    """One row of a hundred comes from elsewhere."""
    reference = Reference.of(drift_log.columns(drift_log.rows(50_000, seed=0)))
    found = 0
    for seed in range(1, 101):
        values = drift_log.rows(10_000, seed)
        values[::100, 0] = np.random.default_rng(seed).normal(6, 1, 100)
        found += [alarm.column for alarm in _alarms(reference, drift_log.columns(values))] == ["x00"]
    console.print(f"1 % of 10,000 rows from elsewhere: found in its column and in no other in {found} of 100 windows")


def electricity(path: Path) -> None:
    """How often windows of the first third of the data drift from the rest of it, and those of the last third."""
    with path.open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    names = [name for name in rows[0] if name != "class"]
    values = np.array([[row[name] for name in names] for row in rows])
    third = len(values) // 3
    table = Table("windows of 1,000 rows", "alarms", *names, title=f"{path.name}: alarms by column")
    for said, tried in (
        ("undrifted", _tried(names, values[:third], None)),
        ("drifted", _tried(names, values[:third], values[-third:])),
    ):
        counts = Counter(alarm.column for alarms in tried for alarm in alarms)
        table.add_row(f"{len(tried)} {said}", str(sum(map(bool, tried))), *(str(counts[name]) for name in names))
    console.print(table)


def _tried(
    names: list[str], known: npt.NDArray[np.float64], other: npt.NDArray[np.float64] | None
) -> list[list[Alarm]]:
    """Alarms of 200 windows of `other`, or of what is held out of `known` by turns."""
    random, tried = np.random.default_rng(0), list[list[Alarm]]()
    for _ in range(20 if other is None else 2):
        shuffled = random.permutation(len(known))
        reference = Reference.of(_named(names, known[shuffled[5000:]]))
        held = known[shuffled[:5000]] if other is None else other
        for _ in range(10 if other is None else 100):
            window = held[random.permutation(len(held))[:1000]]
            tried.append(_alarms(reference, _named(names, window), least_change=0.0 if other is None else LEAST_CHANGE))
    return tried


def cost(rows: int, with_evidently: bool) -> None:
    """Seconds and memory of a check of logged rows, and of ten times as many, beside Evidently's preset on the same."""
    console.print(f"the checker imports in {_import_seconds():.2f} s (at most {MARKS['import']} wanted)")
    with _log(rows, 100) as log:
        runs = _ours(log, ROUNDS)
        if with_evidently:
            theirs = _measured("evidently", str(log), str(rows))
            runs += _ours(log, ROUNDS)  # before and after: a machine is not always as fast
            console.print(f"{rows:,} rows from the same log, Evidently's preset: {_shown(theirs)}")
            console.print(f"{theirs['seconds'] / _median(runs)['seconds']:.0f} times as fast as Evidently is the check")
            console.print(f"({MARKS['times Evidently']} wanted):")
        _show(log, f"{rows:,} rows, 100 a request", runs)
        console.print(f"wanted: {MARKS['seconds']} s and {MARKS['megabytes']} MB for 1,000,000 rows on two idle cores")
    for total, rows_a_request, rounds in ((10 * rows, 100, 1), (rows, 1, ROUNDS)):
        with _log(total, rows_a_request) as log:
            _show(log, f"{total:,} rows, {rows_a_request} a request", _ours(log, rounds))


@contextmanager
def _log(rows: int, rows_a_request: int) -> Iterator[Path]:
    with TemporaryDirectory(prefix="headrace-bench-") as scratch:
        drift_log.write(Path(scratch), rows, rows_a_request)
        yield Path(scratch)


def _ours(log: Path, rounds: int) -> list[Took]:
    return [_measured("ours", str(log)) for _ in range(rounds)]


def _show(log: Path, what: str, runs: list[Took]) -> None:
    """The median of the runs, and the memory of one more: to watch it keeps a core from what is timed."""
    size = sum(path.stat().st_size for path in log.rglob("*.jsonl"))
    memory = _watched("ours", str(log))
    console.print(f"{what}, {size / 1e6:.0f} MB of log: {_shown(_median(runs))}, {memory:.0f} MB at most")


def _median(runs: list[Took]) -> Took:
    return {what: median(run[what] for run in runs) for what in runs[0]}


def _shown(took: Took) -> str:
    return f"{took['seconds']:.2f} s, {took['cpu']:.2f} s of processors"


def _measured(*arguments: str) -> Took:
    """What a process says that it took."""
    command = [sys.executable, "-m", "tests.bench.drift_cost", *arguments]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    took: Took = json.loads(told.splitlines()[-1])
    return took


def _watched(*arguments: str) -> float:
    """The most memory (MB) that a process and its own processes take together."""
    command = [sys.executable, "-m", "tests.bench.drift_cost", *arguments]
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, _memory(watched))
            sleep(0.05)
    return most


def _memory(process: psutil.Process) -> float:
    """What is shared counts once."""
    total = 0.0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_full_info().pss / 1e6
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    return total


def _import_seconds() -> float:
    """The median of five."""
    times = []
    for _ in range(5):
        began = perf_counter()
        subprocess.run([sys.executable, "-c", "import services.drift.main"], check=True)
        times.append(perf_counter() - began)
    return float(np.median(times))


def _alarms(reference: Reference, columns: Columns, least_change: float = LEAST_CHANGE) -> list[Alarm]:
    window = Window(reference)
    window.add(columns, len(next(iter(columns.values()))))
    return judged(reference, window, FALSE_ALARMS, least_change)


def _named(names: list[str], values: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[np.float64]]:
    return dict(zip(names, np.ascontiguousarray(values.T), strict=True))


if __name__ == "__main__":
    main()
