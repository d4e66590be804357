"""A real Batch server, a real client, and jobs of small shell scripts."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud import batch_v1
from google.cloud.batch_v1.services.batch_service.transports import BatchServiceGrpcTransport

PARENT = "projects/local-proj/locations/us-central1"
JobState = batch_v1.JobStatus.State
_CHANNEL = [  # of its own and impatient, or a restarted server is met only after the old one's back-off
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 50),
]


class Batch:
    """A server on a state folder of its own, which can be killed and started again, and a client of it."""

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._options = options
        self._server: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "localcloud", "batch", "--port", str(self.port), "--state", str(self.state)]
        self._server = subprocess.Popen([*command, *self._options])
        self._channel = grpc.insecure_channel(self.address, _CHANNEL)
        grpc.channel_ready_future(self._channel).result(timeout=20)
        self.client = batch_v1.BatchServiceClient(transport=BatchServiceGrpcTransport(channel=self._channel))

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._server is not None:
            self._channel.close()
            self._server.send_signal(number)
            self._server.wait(timeout=20)
            self._server = None

    def job(self, *runnables: Any, group: dict[str, Any] | None = None, spec: dict[str, Any] | None = None) -> Any:
        """A job of one task group; a runnable given as text is a script."""
        scripts = [{"script": {"text": one}} if isinstance(one, str) else one for one in runnables]
        task_spec = {"runnables": scripts, "compute_resource": {"cpu_milli": 250}, **(spec or {})}
        return batch_v1.Job(
            task_groups=[{"task_spec": task_spec, **(group or {})}], logs_policy={"destination": "CLOUD_LOGGING"}
        )

    def create(self, job: Any, job_id: str = "", **request: Any) -> Any:
        self._jobs += 1
        fields = {"parent": PARENT, "job_id": job_id or f"job-{self._jobs}", "job": job, **request}
        return self.client.create_job(request=fields)

    def finish(self, job: Any, within: float = 15.0) -> Any:
        """The job, once it is SUCCEEDED, FAILED or CANCELLED."""
        done = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
        return eventually(lambda: self.get(job), lambda found: found.status.state in done, within)

    def get(self, job: Any) -> Any:
        return self.client.get_job(name=job.name)

    def task(self, job: Any, index: int = 0) -> Any:
        return self.client.get_task(name=f"{job.name}/taskGroups/group0/tasks/{index}")

    def log(self, job: Any, task: int = 0, runnable: int = 0, attempt: int = 0) -> str:
        path = self.state / "logs" / job.name.rpartition("/")[2] / f"{task}-{runnable}-{attempt}.log"
        return path.read_text() if path.exists() else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(read: Callable[[], Any], holds: Callable[[Any], bool] = bool, within: float = 15.0) -> Any:
    """What `read` returns, as soon as it holds."""
    until = time.monotonic() + within
    while not holds(found := read()):
        assert time.monotonic() < until, f"still {found!r} after {within} s"
        time.sleep(0.01)
    return found


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually


@pytest.fixture(name="free_port")
def free_port_fixture() -> Callable[[], int]:
    return free_port


@pytest.fixture(scope="session")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """One server for every test that does not need its own."""
    trainer = f"trainer={sys.executable} -c 'import sys; print(sys.argv[1:])'"
    images = ("--image", trainer, "--image", "ghost=/no/such/command")
    server = Batch(
        tmp_path_factory.mktemp("batch"), "--cpus", "16", "--stop-grace", "2", "--env", "SHOP=corner", *images
    )
    try:
        server.start()
        yield server
    finally:
        server.end()


@pytest.fixture
def new_batch(tmp_path: Path) -> Iterator[Callable[..., Batch]]:
    """Makes servers of the test's own, each on a folder of its own."""
    servers: list[Batch] = []

    def make(*options: str) -> Batch:
        servers.append(Batch(tmp_path / f"batch-{len(servers)}", "--stop-grace", "2", *options))
        servers[-1].start()
        return servers[-1]

    try:
        yield make
    finally:
        for server in servers:
            server.end(signal.SIGKILL)
            _end_tasks_of(server)


def _end_tasks_of(server: Batch) -> None:
    """What a killed server's tasks had moved out of their group."""
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(server.state).encode() in environment.read_bytes():
                os.kill(int(environment.parent.name), signal.SIGKILL)
        except OSError:
            continue
