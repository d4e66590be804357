"""A client that keeps calling while champions change, and drift that is found once."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import requests

from headrace.events import DriftChecked, DriftDetected
from localcloud.stack.programs import PROJECT, REGION
from tests.flow import deliveries
from tests.flow.loop import EXAMPLE, WORKLOAD, Loop
from tests.flow.outcome import assert_everything_happened_once
from tests.flow.waiting import eventually
from workloads.loan_default import generator

DRIFTED_ROWS = 1200
ROWS_A_REQUEST = 100
CHECKS = 5


class Caller:
    """What a client that keeps calling was answered: versions in their order, and what failed."""

    def __init__(self) -> None:
        self.versions: list[int] = []
        self.failures: list[str] = []

    def call(self, session: requests.Session, url: str) -> None:
        """One request."""
        try:
            answer = session.post(url, json=EXAMPLE, timeout=10)
            answer.raise_for_status()
            self.versions.append(answer.json()["version"])
        except requests.RequestException as error:
            self.failures.append(repr(error))


def test_drift_is_found_once_and_its_champion_serves_without_a_failed_request(fresh: Callable[[], Loop]) -> None:
    loop = fresh()
    loop.turn()
    first = loop.champion()
    eventually(lambda: loop.predict()["version"] == first, "the first champion answers")
    with _calling(loop) as caller:
        _send_a_drifted_month(loop)
        deliveries.at_once([lambda: _check_for_drift(loop)] * CHECKS)
        (drift,) = eventually(lambda: loop.facts(DriftDetected), "drift in the audit trail")
        loop.settle(drift.dataset)
        assert_everything_happened_once(loop, drift.dataset, ready=0)
        second = loop.champion()
        assert second != first
        eventually(lambda: second in caller.versions, "the caller answered by the new champion")
    assert not caller.failures
    champions = [change.version for change in loop.ledger()]
    assert [version for version, _ in groupby(caller.versions)] == [
        each for each in champions if each in caller.versions
    ]
    assert len(loop.facts(DriftDetected)) == 1
    assert len([checked for checked in loop.facts(DriftChecked) if checked.report]) == 1
    assert loop.people.told()[drift.id] == 1


def _send_a_drifted_month(loop: Loop) -> None:
    settled = {"Fully Paid": "fully_paid", "Charged Off": "charged_off"}
    loans = [loan for loan in generator.month(DRIFTED_ROWS, "2024-02", 1.0, 99) if loan["loan_status"] in settled]
    for start in range(0, len(loans), ROWS_A_REQUEST):
        part = loans[start : start + ROWS_A_REQUEST]
        answer = loop.predict([_instance(loan) for loan in part])
        said = [
            {"request_id": answer["request_id"], "index": index, "label": settled[loan["loan_status"]]}
            for index, loan in enumerate(part)
        ]
        url = f"{loop.stack.url('inference')}/models/{WORKLOAD}/feedback"
        requests.post(url, json={"feedback": said}, timeout=10).raise_for_status()
    eventually(lambda: _logged(loop, "feedback/") >= len(loans), "every label in the audit bucket")
    eventually(lambda: _logged(loop, "predictions/") >= len(loans) / ROWS_A_REQUEST, "every answer in the audit bucket")


def _check_for_drift(loop: Loop) -> None:
    """Run the drift job as Cloud Scheduler does, and wait for its end."""
    base = f"{loop.stack.url('run')}/v2"
    name = requests.post(f"{base}/projects/{PROJECT}/locations/{REGION}/jobs/drift:run", json={}, timeout=30).json()
    execution = name["metadata"]["name"]
    eventually(
        lambda: requests.get(f"{base}/{execution}", timeout=10).json().get("completionTime"), "the drift job's end"
    )


@contextmanager
def _calling(loop: Loop) -> Iterator[Caller]:
    caller, stop = Caller(), threading.Event()
    url = f"{loop.stack.url('inference')}/models/{WORKLOAD}/predict"

    def run() -> None:
        with requests.Session() as session:
            while not stop.wait(0.02):
                caller.call(session, url)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield caller
    finally:
        stop.set()
        thread.join()


def _instance(loan: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in loan.items() if name != "loan_status" and value != ""}


def _logged(loop: Loop, prefix: str) -> int:
    audit = loop.platform.audit
    return sum(len(audit.read(stat.name).splitlines()) for stat in audit.list(prefix))
