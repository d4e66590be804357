"""The mark of a server or of one of its processes in; nothing that carries it left alive out."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

OWNER = "LOCALCLOUD_OWNER"


async def end_orphans(owner: str, within: float = 10.0) -> None:
    """Kill every process marked `owner` or `owner#…`, daemons too, and wait until none is left.

    The mark is in the environment they inherited, read from /proc: unlike a recorded pid it is never somebody else's.
    """
    async with asyncio.timeout(within):
        while orphans := await asyncio.to_thread(_marked, owner):
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.01)


def _marked(owner: str) -> list[int]:
    """The processes whose environment has the mark; one that is a zombie has none any more."""
    whole = f"{OWNER}={owner}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            variables = environment.read_bytes().split(b"\0")
            if any(variable == whole or variable.startswith(whole + b"#") for variable in variables):
                found.append(int(environment.parent.name))
    return found
