"""A real Cloud Run server, real clients over REST, and jobs of small shell commands."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2

PARENT = "projects/local-proj/locations/us-central1"


class CloudRun:
    """A server on a state folder of its own, which can be killed and started again, and clients of it."""

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._options = options
        self._server: subprocess.Popen[bytes] | None = None
        self._jobs = 0
        client = {
            "transport": "rest",
            "credentials": AnonymousCredentials(),
            "client_options": {"api_endpoint": self.url},
        }
        self.jobs = run_v2.JobsClient(**client)
        self.executions = run_v2.ExecutionsClient(**client)
        self.tasks = run_v2.TasksClient(**client)

    def start(self) -> None:
        port = self.url.rpartition(":")[2]
        command = [sys.executable, "-m", "localcloud", "run", "--port", port, "--state", str(self.state)]
        self._server = subprocess.Popen([*command, "--stop-grace", "2", "--image", "shell=/bin/sh -c", *self._options])
        eventually(lambda: _listens(int(port)), within=20)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(timeout=20)
            self._server = None

    def close(self) -> None:
        self.end(signal.SIGKILL)
        for client in (self.jobs, self.executions, self.tasks):
            client.transport.close()
            client.transport._session.close()

    def job(self, script: str, job_id: str = "", env: dict[str, str] | None = None, **template: Any) -> Any:
        """Create a job whose only argument is a shell script; `template` goes to the task or execution template."""
        self._jobs += 1
        variables = [run_v2.EnvVar(name=name, value=value) for name, value in (env or {}).items()]
        of_execution = {name: template.pop(name) for name in ("task_count", "parallelism") if name in template}
        container = run_v2.Container(image="shell", args=[script], env=variables)
        task = run_v2.TaskTemplate(containers=[container], **template)
        job = run_v2.Job(template=run_v2.ExecutionTemplate(template=task, **of_execution))
        request = {"parent": PARENT, "job": job, "job_id": job_id or f"job-{self._jobs}"}
        return self.jobs.create_job(request=request).result(timeout=10)

    def run(self, job: Any, **overrides: Any) -> Any:
        """Start an execution and return it as it is then."""
        request = {"name": job.name, "overrides": overrides} if overrides else {"name": job.name}
        operation = self.jobs.run_job(request=request)
        return self.executions.get_execution(name=operation.metadata.name)

    def finish(self, execution: Any, within: float = 15.0) -> Any:
        """The execution, once it is over."""
        found = lambda: self.executions.get_execution(name=execution.name)  # noqa: E731
        return eventually(found, lambda now: now.completion_time, within)

    def tasks_of(self, execution: Any) -> list[Any]:
        return list(self.tasks.list_tasks(parent=execution.name))

    def log(self, execution: Any, task: int = 0, attempt: int = 0) -> str:
        path = self.state / "logs" / execution.name.rpartition("/")[2] / f"{task}-{attempt}.log"
        return path.read_text() if path.exists() else ""


def completed(resource: Any) -> Any:
    """The condition that says how an execution or task ended."""
    return next(one for one in resource.conditions if one.type_ == "Completed")


def eventually(read: Callable[[], Any], holds: Callable[[Any], Any] = bool, within: float = 15.0) -> Any:
    """What `read` returns, as soon as it holds."""
    until = time.monotonic() + within
    while not holds(found := read()):
        assert time.monotonic() < until, f"still {found!r} after {within} s"
        time.sleep(0.01)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually


@pytest.fixture(name="completed")
def completed_fixture() -> Callable[[Any], Any]:
    return completed


@pytest.fixture(scope="session")
def cloud_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudRun]:
    """One server for every test that does not need its own."""
    server = CloudRun(tmp_path_factory.mktemp("run"), "--env", "SHOP=corner")
    try:
        server.start()
        yield server
        server.end()
    finally:
        server.close()


@pytest.fixture
def own_cloud_run(tmp_path: Path) -> Iterator[CloudRun]:
    """A server that the test may kill."""
    server = CloudRun(tmp_path / "run")
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def post() -> Callable[[str, bytes], int]:
    """A plain POST, as Cloud Scheduler makes it; returns the status."""

    def send(url: str, body: bytes) -> int:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)

    return send
