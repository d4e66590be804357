"""Work that must happen once in; leave to do it, or the news that it is done, out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from headrace.errors import Busy, Exists
from headrace.ports import Clock, Objects

LEASE = timedelta(seconds=30)


@contextmanager
def once(store: Objects, clock: Clock, key: str, lease: timedelta = LEASE) -> Iterator[bool]:
    """True when the block is to do the work; False when it has been done. A block that raises may be tried again.

    Raises Busy while somebody else is doing it. The claim of a holder that died can be taken over after the lease.
    """
    name = f"claims/{key}.json"
    held = _take(store, clock, name, lease)
    try:
        yield held is not None
    except BaseException:
        if held is not None:
            with suppress(Exists):  # taken over after the lease: it is no longer ours to free
                store.write(name, _claim("free", clock.now()), over=held)
        raise
    if held is not None:
        store.write(name, _claim("done", clock.now()))


def _take(store: Objects, clock: Clock, name: str, lease: timedelta) -> int | None:
    held = _claim("held", clock.now())
    try:
        return store.write(name, held, over=0)
    except Exists:
        generation, claim = store.stat(name).generation, json.loads(store.read(name))
        if claim["state"] == "done":
            return None
        age = clock.now() - datetime.fromisoformat(claim["since"])
        if claim["state"] == "held" and age < lease:
            raise Busy(f"{name} is held since {claim['since']}") from None
        return _take_over(store, name, held, generation)


def _take_over(store: Objects, name: str, held: bytes, generation: int) -> int:
    try:
        return store.write(name, held, over=generation)
    except Exists:
        raise Busy(f"{name} was taken over by somebody else just now") from None


def _claim(state: str, since: datetime) -> bytes:
    return json.dumps({"state": state, "since": since.isoformat()}).encode()
