"""A command in; a server that it starts, and what answering costs it, out."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import nan
from operator import methodcaller
from pathlib import Path
from statistics import quantiles
from tempfile import NamedTemporaryFile

import psutil
import requests

START_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Contender:
    """A server: its command, with `{port}` in it, and the request that is measured."""

    name: str
    command: Sequence[str]
    path: str
    body: bytes
    headers: Sequence[str] = ("Content-Type: application/json",)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, milliseconds, microseconds of all its processes' cores a request, MB resident of them."""

    rate: float
    p50: float
    p99: float
    cpu: float
    resident: float
    errors: int


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `ready` is how many seconds after its start it first did."""

    contender: Contender
    process: psutil.Process
    port: int
    ready: float

    def measure(self, connections: int, seconds: float, rate: float = 0) -> Measured:
        """Put it under load."""
        before = self._cpu()
        with NamedTemporaryFile(suffix=".body") as body:
            body.write(self.contender.body)
            body.flush()
            command = [sys.executable, "-m", "tests.bench.serving.load", self.url, body.name]
            command += ["--connections", str(connections), "--seconds", str(seconds), "--rate", str(rate)]
            command += [f"--header={each}" for each in self.contender.headers]
            load = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        latencies = load["latencies"] or [nan]
        cuts = quantiles(latencies, n=100) if len(latencies) > 1 else latencies * 99
        cpu = (self._cpu() - before) / len(latencies)
        return Measured(
            rate=len(latencies) / load["seconds"],
            p50=cuts[49] * 1e3,
            p99=cuts[98] * 1e3,
            cpu=cpu * 1e6,
            resident=self.resident(),
            errors=load["errors"],
        )

    @property
    def url(self) -> str:
        """What is asked."""
        return f"http://127.0.0.1:{self.port}{self.contender.path}"

    def resident(self) -> float:
        """MB in memory, of all its processes."""
        return float(sum(each.memory_info().rss for each in self._processes())) / 1e6

    def _cpu(self) -> float:
        return float(sum(sum(each.cpu_times()[:2]) for each in self._processes()))

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def running(contender: Contender, log: Path) -> Iterator[Running]:
    """The server on a free port, from its first answer to the end of the block."""
    port = _free_port()
    command = [part.replace("{port}", str(port)) for part in contender.command]
    started = time.perf_counter()
    with log.open("wb") as file:
        process = psutil.Popen(
            command, env=dict(contender.environment) or None, cwd=contender.folder, stdout=file, stderr=file
        )
    found = Running(contender, process, port, 0.0)
    try:
        _until_it_answers(found, log)
        yield Running(contender, process, port, time.perf_counter() - started)
    finally:
        _end(process)


def _until_it_answers(found: Running, log: Path) -> None:
    headers = dict(each.split(": ", 1) for each in found.contender.headers)
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if requests.post(found.url, data=found.contender.body, headers=headers, timeout=30).ok:
                return
        except requests.RequestException:
            pass
        if found.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{found.contender.name} does not answer: {log.read_text()[-2000:]}")
        time.sleep(0.005)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _end(process: psutil.Process) -> None:
    family = [process]
    with suppress(psutil.NoSuchProcess):  # any of them may end by itself meanwhile
        family += process.children(recursive=True)
    for end in (methodcaller("terminate"), methodcaller("kill")):
        for each in family:
            with suppress(psutil.NoSuchProcess):
                end(each)
        _, family = psutil.wait_procs(family, 10)
