"""Commands in; processes that run, that are started again when they die, and that end when we do, out."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.processes import launcher

STOP_SECONDS = 12
FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS = 0.1, 5.0, 10.0
LAUNCHER = launcher.__file__


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: its environment is all it gets, its output goes to `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    log: Path


class Supervised:
    """One program, kept running by a thread of its own until it is stopped."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name=program.name, daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def start(self) -> None:
        """Start, and start again whenever it ends."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM and start it no more."""
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait for the end; what is left of its process group after `seconds` is killed."""
        self._thread.join(seconds)
        self._signal(signal.SIGKILL)
        self._thread.join()

    def _keep_running(self) -> None:
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            began = time.monotonic()
            self._run_once()
            delay = FIRST_DELAY if time.monotonic() - began > STEADY_SECONDS else min(delay * 2, LONGEST_DELAY)
            self._stopping.wait(delay)

    def _run_once(self) -> None:
        with self.program.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", LAUNCHER, str(os.getpid()), *self.program.command],
                cwd=self.program.folder,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.starts += 1
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        self._process.wait()
        self._signal(signal.SIGKILL)  # workers that outlived it hold its port

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                return


def stop_all(programs: Sequence[Supervised]) -> None:
    """Stop them together."""
    for program in programs:
        program.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs:
        program.wait(max(0.0, deadline - time.monotonic()))
