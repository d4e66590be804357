"""What jobs write is read back: the fake, and the adapter on the servers that run the jobs and know their logs."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from headrace.adapters.batch import Batch
from headrace.adapters.joblogs import CloudLogging
from headrace.errors import Unavailable
from headrace.ports import JobSpec, LogLine, Logs
from headrace.settings import Settings
from tests.fakes import FakeLogs

from .conftest import PROJECT, REGION, both
from .servers import eventually, free_port, running

EVER = datetime(2026, 1, 1, tzinfo=UTC)
TRAINER = """
import datetime, json, sys
now = datetime.datetime.now(datetime.UTC).isoformat()
for number in range(int(sys.argv[1])):
    print(json.dumps({"severity": "INFO", "message": f"line {number}", "time": now}))
print(json.dumps({"severity": "ERROR", "message": "it failed", "time": now, "workload": "loan_default"}))
print("Traceback (most recent call last):")
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class LogsUnderTest:
    """Logs, and a way to have a job run that writes so many lines, then an error and a line of a traceback."""

    port: Logs
    write: Callable[[int], str]


@pytest.fixture(scope="module")
def batch_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


@pytest.fixture(scope="module")
def trainings(batch_state: Path, pubsub_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """A Batch server whose trainer writes a log."""
    script = tmp_path_factory.mktemp("trainer") / "trainer.py"
    script.write_text(TRAINER)
    port, image = free_port(), f"trainer={sys.executable} {script}"
    options = ["--state", str(batch_state), "--pubsub", pubsub_address, "--image", image, "--cpus", "4"]
    with running(port, "localcloud", "batch", "--port", str(port), *options):
        where = Settings(project=PROJECT, region=REGION, trainer_image="trainer", batch_endpoint=f"127.0.0.1:{port}")
        yield Batch(where)


@pytest.fixture(scope="module")
def logging_address(batch_state: Path) -> Iterator[str]:
    port = free_port()
    folders = ["--batch", str(batch_state), "--run", str(batch_state / "none")]
    with running(port, "localcloud", "logging", "--port", str(port), *folders):
        yield f"127.0.0.1:{port}"


@pytest.fixture(params=both)
def logs(request: pytest.FixtureRequest) -> LogsUnderTest:
    if request.param == "fake":
        fake = FakeLogs()

        def said(lines: int) -> str:
            now, uid = datetime.now(UTC), f"job-{next(_numbers)}"
            fake.lines[uid] = [LogLine(now, "INFO", f"line {number}") for number in range(lines)]
            fake.lines[uid].append(LogLine(now, "ERROR", "it failed"))
            fake.lines[uid].append(LogLine(now, "DEFAULT", "Traceback (most recent call last):"))
            return uid

        return LogsUnderTest(fake, said)
    batch: Batch = request.getfixturevalue("trainings")
    address: str = request.getfixturevalue("logging_address")

    def written(lines: int) -> str:
        name = f"writes-{next(_numbers)}"
        labels = {"workload": "loan_default"}
        batch.submit(JobSpec(name, [str(lines)], labels, cpus=0.1, memory_mib=64, max_minutes=5))
        eventually(lambda: batch.get(name).state == "SUCCEEDED")
        return batch.get(name).uid

    return LogsUnderTest(CloudLogging(PROJECT, address), written)


def test_a_jobs_lines_are_read_in_the_order_in_which_it_wrote_them(logs: LogsUnderTest) -> None:
    lines = logs.port.of_job(logs.write(2), EVER)
    assert [(line.severity, line.text) for line in lines] == [
        ("INFO", "line 0"),
        ("INFO", "line 1"),
        ("ERROR", "it failed"),
        ("DEFAULT", "Traceback (most recent call last):"),
    ]
    assert abs(datetime.now(UTC) - lines[-1].at) < timedelta(minutes=2)


def test_of_a_long_log_the_newest_lines_are_read(logs: LogsUnderTest) -> None:
    lines = logs.port.of_job(logs.write(20), EVER, most=3)
    assert [line.text for line in lines] == ["line 19", "it failed", "Traceback (most recent call last):"]


def test_a_job_is_not_given_anothers_lines(logs: LogsUnderTest) -> None:
    first, second = logs.write(1), logs.write(3)
    assert (len(logs.port.of_job(first, EVER)), len(logs.port.of_job(second, EVER))) == (3, 5)
    assert list(logs.port.of_job("nobody", EVER)) == []


def test_what_was_written_before_the_time_asked_for_is_left_out(logs: LogsUnderTest) -> None:
    uid = logs.write(1)
    assert list(logs.port.of_job(uid, datetime.now(UTC) + timedelta(minutes=1))) == []


def test_a_job_of_cloud_run_that_has_not_run_has_written_nothing(logs: LogsUnderTest) -> None:
    assert list(logs.port.of_run("drift", EVER)) == []


def test_a_log_that_cannot_be_read_is_unavailable_with_what_the_service_says(logging_address: str) -> None:
    with pytest.raises(Unavailable, match="400: pageSize is 5000"):
        CloudLogging(PROJECT, logging_address).of_job("job", EVER, most=5000)
    with pytest.raises(Unavailable, match="did not answer"):
        CloudLogging(PROJECT, f"127.0.0.1:{free_port()}").of_job("job", EVER)
