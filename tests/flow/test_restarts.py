"""`headrace up` stopped, killed and started again on one folder: what was learnt answers, and nothing runs twice."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest
import requests

from headrace import settings
from headrace.promotion import promotions
from headrace.wiring import GoogleCloud
from tests.flow.loop import EXAMPLE, WORKLOAD, turning
from tests.flow.processes import mentioning
from tests.flow.waiting import eventually

UP = [sys.executable, "-m", "headrace.cli.main", "up", "--state"]


@pytest.fixture
def turned(ground: Path) -> Path:
    """A state folder whose stack turned once and was stopped."""
    folder = Path(mkdtemp(prefix="turned-", dir=ground))
    with turning(folder) as loop:
        loop.turn()
        eventually(lambda: loop.predict()["version"] == loop.champion(), "the champion answers")
        eventually(lambda: len(loop.people.messages) >= 3, "people told of three verdicts")
        eventually(lambda: {job.state for job in loop.platform.jobs.list()} == {"SUCCEEDED"}, "every job ended")
    return folder / "state"


def test_a_stack_started_again_answers_with_its_champion_and_retrains_nothing(turned: Path) -> None:
    with _up(turned) as process:
        before = _seen(turned)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not mentioning(str(turned))
    with _up(turned) as process:
        _answers(turned)
        assert _seen(turned) == before
        _kill(process, turned)
    with _up(turned):
        _answers(turned)
        assert _seen(turned) == before


def _kill(process: "subprocess.Popen[bytes]", state: Path) -> None:
    """SIGKILL the stack itself: its processes end although nobody ends them."""
    assert len(mentioning(str(state))) > 10
    process.kill()
    process.wait()
    eventually(lambda: not mentioning(str(state)), "no process left of a killed stack", within=20)


@contextmanager
def _up(state: Path) -> Iterator["subprocess.Popen[bytes]"]:
    (state / "environment").unlink(missing_ok=True)
    process = subprocess.Popen([*UP, str(state)], stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: (state / "environment").is_file() or process.poll() is not None, "the stack is up")
        assert process.poll() is None
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _platform(state: Path) -> GoogleCloud:
    return GoogleCloud(settings.load_for_command_line(state))


def _answers(state: Path) -> None:
    platform = _platform(state)
    champion = platform.registry.alias(WORKLOAD, "champion")
    assert champion is not None
    url = f"{platform.settings.inference_url}/models/{WORKLOAD}/predict"

    def answer() -> bool:
        answer = requests.post(url, json=EXAMPLE, timeout=10)
        return answer.ok and answer.json()["version"] == champion.number

    eventually(answer, "the champion answers")


def _seen(state: Path) -> tuple[object, ...]:
    platform = _platform(state)
    versions = [(version.number, version.tags) for version in platform.registry.versions(WORKLOAD)]
    jobs = sorted((job.id, job.state) for job in platform.jobs.list())
    return versions, jobs, promotions.history(platform.store, WORKLOAD)
