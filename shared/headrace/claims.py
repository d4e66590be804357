"""Work that must happen once in; leave to do it, or the news that it is done, out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
    mine = _take(store, clock, name, lease)
    try:
        yield mine
    except BaseException:
        if mine:
            store.write(name, _claim("free", clock.now()))
        raise
    if mine:
        store.write(name, _claim("done", clock.now()))


def _take(store: Objects, clock: Clock, name: str, lease: timedelta) -> bool:
    held = _claim("held", clock.now())
    try:
        store.create(name, held)
    except Exists:
        generation, claim = store.stat(name).generation, json.loads(store.read(name))
        if claim["state"] == "done":
            return False
        age = clock.now() - datetime.fromisoformat(claim["since"])
        if claim["state"] == "held" and age < lease:
            raise Busy(f"{name} is held since {claim['since']}") from None
        _take_over(store, name, held, generation)
    return True


def _take_over(store: Objects, name: str, held: bytes, generation: int) -> None:
    try:
        store.write(name, held, over=generation)
    except Exists:
        raise Busy(f"{name} was taken over by somebody else just now") from None


def _claim(state: str, since: datetime) -> bytes:
    return json.dumps({"state": state, "since": since.isoformat()}).encode()
