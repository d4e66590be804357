"""What to check in; one check of it, in this process and those it starts, and what that took, out."""

import json
import os
import sys
from multiprocessing import active_children
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple, Self, cast

from headrace import loading
from headrace.drift import Profile, all_judged, answer_columns
from headrace.instances import joined
from headrace.ports import Objects
from headrace.workload import Arrays
from services.drift import lines, page, window
from services.drift.counting import Counter
from tests.bench import drift_log

REFERENCE_ROWS = 5000


class Took(NamedTuple):
    """Seconds by the clock, and those of all processors, of processes that have ended too."""

    seconds: float
    cpu: float

    @classmethod
    def now(cls) -> Self:
        """What it is before."""
        return cls(perf_counter(), sum(os.times()[:4]))

    @classmethod
    def since(cls, before: Self) -> Self:
        """What it has been since; processes that nobody waits for any more are counted when they have ended."""
        seconds = perf_counter() - before.seconds
        while active_children():
            sleep(0.01)
        return cls(seconds, cls.now().cpu - before.cpu)


def ours(root: Path) -> Took:
    """Count the log that lies in `root`, and judge it."""
    reference = drift_log.columns(drift_log.rows(REFERENCE_ROWS, seed=0))
    answers = [
        {"label": "ab"[int(first > 0)], "probability": round(float(abs(second) % 1), 6)}
        for first, second in zip(reference["x00"], reference["x01"], strict=True)
    ]
    counter = Counter(drift_log.WORKLOAD, 1, Profile.of({"inputs": reference, "answers": answer_columns(answers)}))
    audit, began = cast(Objects, drift_log.Folder(root)), Took.now()
    seen = window.read(audit, window.objects(audit, ""), "", counter)
    alarms = all_judged(seen.windows, 0.005, 0.005)
    took = Took.since(began)
    drifted = [alarm.column for alarm in alarms["inputs"]]
    if drifted != ["x00"]:
        raise SystemExit(f"{drifted} drifted in {seen.rows} rows, and not x00 alone")
    return took


def evidently(root: Path, rows: int) -> Took:
    """Read the `rows` logged in `root`, and have Evidently's preset hold them against as many that are in memory."""
    reference = drift_log.columns(drift_log.rows(rows, seed=0))
    small = {name: values[:100] for name, values in reference.items()}
    page._compared(small, small)  # imported once
    decoder = lines.of_numbers(Profile.of({"inputs": drift_log.columns(drift_log.rows(REFERENCE_ROWS, seed=0))}))
    began = Took.now()
    page._compared(reference, _logged(root, decoder))
    return Took.since(began)


def _logged(root: Path, decoder: lines.Decoder | None) -> Arrays:
    """The columns of a log, read as the check reads it, by one process."""
    folder, workload = drift_log.Folder(root), drift_log.WORKLOAD
    parts = [
        lines.asked(part)
        for stat in folder.list("predictions/")
        for part in lines.read(folder.read(stat.name), workload, 1, decoder)
    ]
    return loading.serving(workload).describe(joined(parts))


def main() -> None:
    """Do what the arguments say, and print what it took."""
    what, root, *rows = sys.argv[1:]
    took = ours(Path(root)) if what == "ours" else evidently(Path(root), int(rows[0]))
    print(json.dumps(took._asdict()))


if __name__ == "__main__":
    main()
