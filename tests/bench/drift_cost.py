"""What to check in; one check of it, in this process and those it starts, and what that took, out."""

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, Self, cast

from headrace.drift import Profile, all_judged, answer_columns
from headrace.ports import Objects
from services.drift import page, window
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
        """What it has been since."""
        now = cls.now()
        return cls(now.seconds - before.seconds, now.cpu - before.cpu)


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


def evidently(rows: int) -> Took:
    """Evidently's preset on as many rows, which are in memory already."""
    reference, current = (drift_log.columns(drift_log.rows(rows, seed)) for seed in (0, 1))
    small = {name: values[:100] for name, values in reference.items()}
    page._compared(small, small)  # imported once
    began = Took.now()
    page._compared(reference, current)
    return Took.since(began)


def main() -> None:
    """Do what the arguments say, and print what it took."""
    what, argument = sys.argv[1:]
    took = ours(Path(argument)) if what == "ours" else evidently(int(argument))
    print(json.dumps(took._asdict()))


if __name__ == "__main__":
    main()
