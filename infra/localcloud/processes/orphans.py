"""A server's name in; none of the processes that an earlier, killed run of it left behind, out."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

OWNER = "LOCALCLOUD_OWNER"


async def end_orphans(owner: str, within: float = 10.0) -> None:
    """Kill every process marked with `owner`, grandchildren and daemons too, and wait until none is left.

    The mark is in the environment they inherited, read from /proc: unlike a recorded pid it is never somebody else's.
    """
    async with asyncio.timeout(within):
        while orphans := _marked(f"{OWNER}={owner}".encode()):
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.01)


def _marked(mark: bytes) -> list[int]:
    """The processes whose environment has `mark`; one that is a zombie has none any more."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found
