"""A container's file system and what its image says of it in; processes that run in it as process 1 out."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 10**6
ROOT = "0:0"
"""Whom an image runs as that names nobody."""
PATIENCE_SECONDS = 120
INSIDE = (
    'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" '
    '&& cd "$1" && shift && exec chroot "$@"'
)
"""Run in namespaces of its own: /dev, /proc and an empty /tmp, then the image's command in place of the shell."""

Told = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """How an image says that it is started, and its health check."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    user: str
    labels: Mapping[str, str]
    check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Container:
    """What an engine would start: no more rights than the image says, nothing of this machine's environment."""

    name: str
    root: Path
    says: Configuration

    def megabytes(self) -> float:
        """What lies in it, unpacked."""
        return megabytes(self.root)

    def ask(self, *command: str, environment: Told = None) -> str:
        """Run another command in it to its end; what it prints."""
        words = self._words(command, environment)
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, *arguments: str, environment: Told = None) -> Iterator[subprocess.Popen[bytes]]:
        """The image's own command, with `arguments` after it."""
        words = self._words((*self.says.command, *arguments), environment)
        process = subprocess.Popen(words, start_new_session=True)
        try:
            _wait(lambda: process_1(process) is not None, process, "the image's command")
            yield process
        finally:
            if process.poll() is None:
                _kill(process)

    @contextmanager
    def serving(self, port: int, *arguments: str, environment: Told = None) -> Iterator[subprocess.Popen[bytes]]:
        """The same, once it listens."""
        with self.running(*arguments, environment=environment) as process:
            _wait(lambda: _listens(port), process, f"what listens on port {port}")
            yield process

    def _words(self, command: Sequence[str], environment: Told) -> list[str]:
        told = {**self.says.environment, **(environment or {})}
        return [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--"),
            *("sh", "-c", INSIDE, "sh", str(self.root), f"--userspec={self.says.user or ROOT}", "."),
            *("env", "-i", f"--chdir={self.says.folder}", *(f"{name}={value}" for name, value in told.items())),
            *command,
        ]


def megabytes(root: Path) -> float:
    """What the files below `root` weigh."""
    files = (each for each in root.rglob("*") if each.is_file() and not each.is_symlink())
    return sum(each.stat().st_size for each in files) / MB


def process_1(process: subprocess.Popen[bytes]) -> psutil.Process | None:
    """The first process of the container, once it is the image's own."""
    inside = psutil.Process(process.pid).children()
    return inside[0] if inside and inside[0].name() == "dumb-init" else None


def stop(process: subprocess.Popen[bytes]) -> int:
    """Send SIGTERM to process 1 of the container, as an engine does; its exit code."""
    first = process_1(process)
    assert first is not None
    first.terminate()
    return process.wait(timeout=20)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Return when nothing of it holds the file system any more."""
    inside = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    psutil.wait_procs(inside, timeout=20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def _wait(until: Callable[[], bool], process: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert process.poll() is None, f"the container ended with {process.returncode}, before {what} was there"
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE_SECONDS} s"
        time.sleep(0.1)
