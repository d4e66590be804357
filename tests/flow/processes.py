"""Processes of the stack: killed, held back, kept from answering, or looked for, by what they run on."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from localcloud.stack.stack import Stack
from localcloud.stack.supervise import Supervised
from tests.flow.waiting import eventually


def pid_of(stack: Stack, name: str) -> int:
    """The process, as soon as it runs."""
    return eventually(lambda: stack.processes[name].pid, f"a process {name}")


def kill(stack: Stack, name: str) -> None:
    """SIGKILL a process and its workers, and wait until the stack has started it again."""
    starts = stack.processes[name].starts
    os.killpg(pid_of(stack, name), signal.SIGKILL)
    eventually(lambda: stack.processes[name].starts > starts, f"{name} started again")


@contextmanager
def stopped(stack: Stack, name: str) -> Iterator[None]:
    """A process that takes connections and answers none until the block ends."""
    group = pid_of(stack, name)
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


@contextmanager
def away(stack: Stack, name: str) -> Iterator[None]:
    """A process that is killed, and not started again before the block ends: its address refuses connections."""
    program = stack.processes[name]
    group = pid_of(stack, name)
    program.ask_to_stop()
    os.killpg(group, signal.SIGKILL)
    program.wait(5)
    try:
        yield
    finally:
        again = Supervised(program.program)
        cast(dict[str, Supervised], stack.processes)[name] = again
        again.start()


def answering(stack: Stack, name: str) -> bool:
    """Whether a process takes connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", stack.plan.ports[name])) == 0


def mentioning(*words: str) -> list[int]:
    """The processes whose command line or environment holds every one of `words`.

    This one is left out, and the tracker with which Python's multiprocessing accompanies it to its end.
    """
    others = [pid for pid in _pids() if pid != os.getpid() and b"resource_tracker" not in _read(pid, "cmdline")]
    return [pid for pid in others if all(word.encode() in _said(pid) for word in words)]


def task_of(state: Path, job: str) -> int | None:
    """The process of a training task, once it is Python and no longer its launcher."""
    found = [pid for pid in mentioning(str(state), f"--job\0{job}") if b"launcher.py" not in _read(pid, "cmdline")]
    return found[0] if found else None


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))


def _said(pid: int) -> bytes:
    return _read(pid, "cmdline") + b"\0" + _read(pid, "environ")


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
