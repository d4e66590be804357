"""A state folder in; the running loop out, until the block ends."""

import json
import shutil
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from headrace import settings, topology
from headrace.errors import HeadraceError
from headrace.settings import Settings
from localcloud.stack import addresses, secrets
from localcloud.stack.lock import alone
from localcloud.stack.programs import SCRATCH, SERVERS, Plan, names, programs
from localcloud.stack.provision import provision
from localcloud.stack.supervise import Supervised, stop_all

ROOT = Path(__file__).parents[3]
UP_SECONDS = 90
POLL_SECONDS = 0.05
HEALTH = {"mlflow": "/health", "inference": "/health", "studio": "/_stcore/health"}
TARGETS = "prometheus.json"
"""Where Prometheus learns what to scrape, as infra/prometheus/prometheus.yml says."""
Say = Callable[[str], None]


class NotUp(HeadraceError):
    """A process of the stack did not answer in time; the message names its log."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The running loop."""

    plan: Plan
    processes: Mapping[str, Supervised]

    def settings(self) -> Settings:
        """What the command line needs to work with this stack."""
        return self.plan.settings("cli")

    def url(self, name: str) -> str:
        """Where a deployable or a server answers."""
        return self.plan.url(name)


@contextmanager
def running(
    state: Path,
    say: Say,
    schedules: Mapping[str, str],
    notify_url: str = "",
    database: str = "",
    without: Collection[str] = (),
) -> Iterator[Stack]:
    """Start everything, yield when all of it answers, stop everything. Raises Busy when `state` is in use.

    `schedules` replaces cron lines of the topology by deployable; without a `database` MLflow has SQLite in `state`.
    What nothing listens to may be left out: `without` names it.
    """
    state.mkdir(parents=True, exist_ok=True)
    with alone(state):
        shutil.rmtree(state / SCRATCH, ignore_errors=True)
        for folder in ("logs", SCRATCH, *SERVERS):
            (state / folder).mkdir(mode=0o700, exist_ok=True)  # jobs are kept with their secrets
        stack = _stack(state.resolve(), notify_url, database, frozenset(without))
        try:
            for process in stack.processes.values():
                process.start()
            _wait(stack, list(SERVERS), say)
            provision(stack.plan, schedules)
            _wait(stack, list(stack.plan.deployed()), say)
            _write_environment(stack, state)
            _write_targets(stack, state)
            yield stack
        finally:
            for name in (settings.FILE, TARGETS):
                (state / name).unlink(missing_ok=True)
            stop_all(list(stack.processes.values()))


def _stack(state: Path, notify_url: str, database: str, without: frozenset[str]) -> Stack:
    described = topology.load(ROOT / "infra" / "topology.yaml")
    ports = addresses.allot(names(described), state)
    plan = Plan(described, ports, ROOT, state, secrets.load(state), notify_url, database, without)
    return Stack(plan, {program.name: Supervised(program) for program in programs(plan)})


def _wait(stack: Stack, waiting: list[str], say: Say) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while waiting:
        for name in [name for name in waiting if _answers(stack, name)]:
            waiting.remove(name)
            say(name)
        if time.monotonic() > deadline:
            log = stack.plan.state / "logs" / f"{waiting[0]}.log"
            raise NotUp(f"{waiting[0]} did not answer within {UP_SECONDS} s; {log} says why")
        time.sleep(POLL_SECONDS)


def _answers(stack: Stack, name: str) -> bool:
    if name in HEALTH:
        try:
            return requests.get(f"{stack.url(name)}{HEALTH[name]}", timeout=5).ok
        except requests.RequestException:
            return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", stack.plan.ports[name])) == 0


def _write_environment(stack: Stack, state: Path) -> None:
    lines = [f"{name}={value}\n" for name, value in stack.settings().environment().items()]
    (state / settings.FILE).write_text("".join(lines))


def _write_targets(stack: Stack, state: Path) -> None:
    targets = [{"targets": [stack.plan.address("inference")], "labels": {"service": "inference"}}]
    (state / TARGETS).write_text(json.dumps(targets))
