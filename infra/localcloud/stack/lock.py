"""A state folder in; the right to run a stack on it, for one process at a time, out."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace.errors import Busy

FILE = "lock"


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the folder for the block; the kernel lets go of it when the process dies. Raises Busy when it is held."""
    with (state / FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"a stack is running on {state}; stop it, or choose another folder with --state") from None
        yield


def is_held(state: Path) -> bool:
    """Whether a stack is running on the folder."""
    if not (state / FILE).is_file():
        return False
    try:
        with alone(state):
            return False
    except Busy:
        return True
