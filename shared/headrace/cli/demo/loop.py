"""The running stack in; the whole loop, turned twice, on a screen, out."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from headrace.cli.demo.caller import Caller, post
from headrace.cli.demo.screen import Screen
from headrace.cli.drop import upload
from headrace.cli.wording import line
from headrace.errors import HeadraceError
from headrace.events import DatasetReady, DriftChecked, DriftDetected, Event, ModelPromoted
from headrace.training import candidates
from headrace.wiring import GoogleCloud
from workloads.loan_default import generator

if TYPE_CHECKING:
    from headrace.adapters.follow import Followed

WORKLOAD = "loan_default"
ROWS = 4000
ROWS_A_REQUEST = 100
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.5
SETTLED = ("Fully Paid", "Charged Off")

Fact = TypeVar("Fact", bound=Event)
Found = TypeVar("Found")


class DemoStuck(HeadraceError):
    """Something that the demo waited for did not happen; the message says what."""


class Loop:
    """One demo: what it watches, and what it has seen."""

    def __init__(self, platform: GoogleCloud, followed: "Followed", screen: Screen) -> None:
        self._platform, self._followed, self._screen = platform, followed, screen
        self._unseen: list[Event] = []
        self._url = f"{platform.settings.inference_url}/models/{WORKLOAD}"

    def first_turn(self) -> None:
        """Drop a month of loans and wait until every candidate has its verdict."""
        self._screen.step("a month of loans is dropped: three candidates train and are judged")
        with tempfile.TemporaryDirectory(prefix="headrace-") as scratch:
            path = Path(scratch) / "2024-01.csv"
            generator.write_csv(path, ROWS, "2024-01", drift=0.0, seed=7)
            upload(self._platform, WORKLOAD, path)
        self._settle(self._wait_for(DatasetReady, "a dataset version").dataset)
        self._wait_for(ModelPromoted, "a champion")

    def first_answer(self) -> None:
        """Ask the champion for one prediction."""
        self._screen.step("the champion answers")
        request = f"POST {self._url}/predict"
        answer = self._until(lambda: _try(f"{self._url}/predict", _instance(next(_month(1, 0.0)))), "an answer")
        self._screen.say(f"[bold cyan]{request}[/] {json.dumps(answer)}")

    def drifted_month(self) -> None:
        """Send a month that differs, with its true labels, right after a check that found too few rows to judge."""
        self._screen.step("a drifted month of traffic arrives")
        self._forget(DriftChecked)
        self._wait_for(DriftChecked, "a scheduled drift check")
        loans = [loan for loan in _month(ROWS, 1.0) if loan["loan_status"] in SETTLED]
        for start in range(0, len(loans), ROWS_A_REQUEST):
            part = loans[start : start + ROWS_A_REQUEST]
            answer = post(f"{self._url}/predict", [_instance(loan) for loan in part])
            labels = [{"request_id": answer["request_id"], "index": i, "label": _label(p)} for i, p in enumerate(part)]
            post(f"{self._url}/feedback", {"feedback": labels})
        self._screen.say(f"[bold]{len(loans)} loans of February 2024[/] answered; what became of them was fed back")

    def second_turn(self) -> int:
        """Wait for the schedule to find the drift and for the retraining to be judged; returns the new champion."""
        self._screen.step("the scheduled drift check finds it")
        drift = self._wait_for(DriftDetected, "drift")
        self._forget(ModelPromoted)
        self._screen.step("the retraining it caused")
        self._settle(drift.dataset)
        promoted = self._wait_for(ModelPromoted, "a new champion")
        while newer := self._take(ModelPromoted):
            promoted = newer
        return promoted.version

    def served_by(self, version: int, caller: Caller) -> None:
        """Wait until the client that keeps calling is answered by `version`."""
        self._screen.step("the new champion serves, without a restart")
        self._until(lambda: version in caller.first, f"an answer from version {version}")
        self._screen.done()

    def _settle(self, dataset: str) -> None:
        def settled() -> bool:
            self._screen.jobs = candidates.of(self._platform, WORKLOAD, dataset)
            return all(job.settled for job in self._screen.jobs)

        self._until(settled, f"a verdict on every candidate of {dataset}")

    def _wait_for(self, kind: type[Fact], what: str) -> Fact:
        return self._until(lambda: self._take(kind), what)

    def _forget(self, kind: type[Event]) -> None:
        self._unseen = [fact for fact in self._unseen if not isinstance(fact, kind)]

    def _take(self, kind: type[Fact]) -> Fact | None:
        found = next((fact for fact in self._unseen if isinstance(fact, kind)), None)
        if found is not None:
            self._unseen.remove(found)
        return found

    def _until(self, condition: Callable[[], Found | None], what: str) -> Found:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for received in self._followed.take(LOOK_SECONDS):
                if isinstance(received.fact, Event):
                    self._unseen.append(received.fact)
                    self._screen.say(line(received.fact))
            if found := condition():
                return found
            if time.monotonic() > deadline:
                raise DemoStuck(f"waited {PATIENCE_SECONDS} s for {what}; the logs say why it did not come")


def instances(rows: int) -> list[Mapping[str, Any]]:
    """What the client that keeps calling asks about: loans of the first month."""
    return [_instance(loan) for loan in _month(rows, 0.0)]


def _month(rows: int, drift: float) -> Iterator[Mapping[str, Any]]:
    return generator.month(rows, "2024-02" if drift else "2024-01", drift, seed=11)


def _instance(loan: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in loan.items() if name != "loan_status" and value != ""}


def _label(loan: Mapping[str, Any]) -> str:
    return "fully_paid" if loan["loan_status"] == "Fully Paid" else "charged_off"


def _try(url: str, body: object) -> dict[str, Any] | None:
    try:
        return post(url, body)
    except (OSError, ValueError):
        return None
