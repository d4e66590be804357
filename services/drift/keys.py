"""Ids of requests and of their rows in; numbers of a few bytes, to find them by in memory that stays small, out."""

from collections.abc import Iterable
from hashlib import blake2b
from zlib import crc32

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.unsignedinteger]
"""Sorted."""

_REQUEST_BITS = 32


def of_request(request_id: str) -> int:
    """Four bytes; two requests in four thousand million share one."""
    return crc32(request_id.encode())


def of_line(request_id: str, time: str) -> int:
    """Eight bytes: those of the request, then of the time at which it was answered."""
    return of_request(request_id) << _REQUEST_BITS | crc32(time.encode())


def of_row(request_id: str, index: int) -> int:
    """Eight bytes."""
    return int.from_bytes(blake2b(f"{request_id} {index}".encode(), digest_size=8).digest())


def requests(lines: Keys) -> Keys:
    """The keys of the requests, of those of lines."""
    return (lines >> np.uint64(_REQUEST_BITS)).astype(np.uint32)


def ordered(keys: Iterable[int], kind: type[np.unsignedinteger] = np.uint64) -> Keys:
    """Any keys, sorted."""
    found = np.fromiter(keys, kind)
    found.sort()
    return found


def among(keys: Keys, known: Keys) -> npt.NDArray[np.bool_]:
    """Which of `keys` are `known`."""
    if not len(known):
        return np.zeros(len(keys), np.bool_)
    place = np.searchsorted(known, keys)
    found: npt.NDArray[np.bool_] = known[np.minimum(place, len(known) - 1)] == keys
    return found
