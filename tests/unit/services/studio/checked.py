"""Drift checks as the drift service remembers them."""

from collections.abc import Sequence

from headrace.records import driftlog
from headrace.records.driftlog import Column, Entry, Held, Verdict
from tests.fakes import FakePlatform

W = "loan_default"
REPORT = b"<!DOCTYPE html><html><body><h1>Evidently</h1><script>document.title = 'drawn'</script></body></html>"
STILL = (("int_rate", 0.02), ("dti", 0.4))
MOVED = (("int_rate", 0.0), ("dti", 1e-12))


def keep(
    platform: FakePlatform,
    check: str,
    verdict: Verdict,
    outcome: str,
    columns: Sequence[tuple[str, float]] = STILL,
    **more: object,
) -> Entry:
    """Let a check have been made an hour after the one before."""
    platform.clock.advance(hours=1)
    found = [
        Column(name=name, part="inputs", what="shape", chance=chance, change=0.2, bound=1e-3, alarm=chance < 1e-3)
        for name, chance in columns
    ]
    known = {"rows": 1600, "rate": 1600.0, "columns": found, **more}
    entry = Entry.model_validate(
        {
            "at": platform.clock.now(),
            "workload": W,
            "check": check,
            "version": 2,
            "verdict": verdict,
            "outcome": outcome,
        }
        | known
    )
    driftlog.record(platform.store, entry)
    if verdict != "not enough":
        platform.store.write(f"reports/{W}/{check}/report.html", REPORT)
    return entry


def history(platform: FakePlatform) -> None:
    """A quiet check, one that caused a training, one that had to wait, and one with too few rows."""
    keep(platform, "c1", "steady", "steady: nothing drifted", held=held(0.71, False))
    keep(
        platform,
        "c2",
        "drifted",
        "int_rate, dti drifted: training anew, for about $0.25",
        MOVED,
        retrains=True,
        usd=0.25,
        alarms=("int_rate: its values are distributed otherwise (20.0% of rows; by chance 0)",),
        performance="auc is 0.6100 on 1600 labelled rows and was 0.7123 on the test set",
        held=held(0.61, True),
        labels=1600,
        late=12,
    )
    keep(platform, "c3", "drifted", "int_rate drifted, but it is cooling down until 2026-03-02 16:00", MOVED, usd=0.25)
    keep(platform, "c4", "not enough", "not enough: 630 rows, 1000 are needed", (), rows=630)


def held(now: float, decayed: bool) -> Held:
    return Held(metric="auc", now=(now, now - 0.02, now + 0.02), then=(0.7123, 0.69, 0.73), decayed=decayed)
