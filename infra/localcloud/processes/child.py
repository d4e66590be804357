"""A command, its environment and its log in; a running process group, and later its exit code, out."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from localcloud.processes.orphans import OWNER, end_orphans

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_OF_THE_HOST = ("PATH", "HOME", "USER", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR")


class Process:
    """A process and all that it starts; who starts one ends it, however it went."""

    def __init__(self, process: asyncio.subprocess.Process, mark: str) -> None:
        self._process = process
        self._mark = mark

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group and session."""
        return self._process.pid

    async def exit_code(self) -> int:
        """Wait for the end; a signal n counts as 128 + n, as in a shell."""
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    async def end(self, grace: float) -> None:
        """Ask the process to stop (SIGTERM), after `grace` seconds kill it, and with it whatever it left running."""
        try:
            if self._process.returncode is None:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(grace):
                        await self._process.wait()
        finally:
            self._signal(signal.SIGKILL)
        await self._process.wait()
        await end_orphans(self._mark)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


async def start(command: Sequence[str], environment: Mapping[str, str], log: Path | None, owner: str) -> Process:
    """Start `command` in a group of its own; stdout and stderr are appended to `log`, or dropped.

    Like a container it sees nothing of the server's environment, except what an image has by itself (PATH, HOME, …).
    It is killed when the server dies; `owner` marks it and all it starts, so that `end_orphans` finds them.
    """
    host = {name: os.environ[name] for name in _OF_THE_HOST if name in os.environ}
    mark = f"{owner}#{uuid.uuid4()}"
    launch = [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid()), *command]
    with _output(log) as output:
        process = await asyncio.create_subprocess_exec(
            *launch,
            env={**host, **environment, OWNER: mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Process(process, mark)


@contextlib.contextmanager
def _output(log: Path | None) -> Iterator[IO[bytes]]:
    path = log or Path(os.devnull)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        yield file
