"""Requests in; the name of the key that each came with, or a refusal, out."""

from collections.abc import Iterable
from functools import lru_cache
from hmac import compare_digest
from math import ceil
from time import monotonic

from headrace.apikeys import Key, digest
from services.inference.access.bearer import bearer
from services.inference.access.bucket import Bucket
from services.inference.web.answers import Refused
from services.inference.web.request import Request

_CHALLENGE = b'Bearer realm="headrace"'
_SEND = "send it as `x-api-key: KEY` or `authorization: Bearer KEY`"


class Guard:
    """Lets in who shows one of `keys`, as often as that key may.

    `x-api-key` goes before `authorization`, which on Cloud Run may hold the identity that Cloud Run itself asks for.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        now = monotonic()
        self._digest = lru_cache(maxsize=64)(digest)  # the same few keys are shown again and again
        self._known = [(key, Bucket(key.rate, key.burst, now) if key.rate else None) for key in keys]

    def admit(self, request: Request) -> None:
        """Name the request's caller. Raises Refused: 401 without a known key, 429 beyond what the key may."""
        given = request.headers.get(b"x-api-key") or bearer(request)
        if not given:
            sentence = f"a key is needed here; {_SEND}"
            raise Refused(401, sentence, ((b"www-authenticate", _CHALLENGE),))
        shown, found = self._digest(given), None
        for known in self._known:  # to the end, so that the time tells nothing
            if compare_digest(known[0].digest, shown):
                found = known
        if found is None:
            challenge = _CHALLENGE + b', error="invalid_token"'
            raise Refused(401, f"the key is not known here; {_SEND}", ((b"www-authenticate", challenge),))
        key, bucket = found
        request.caller = key.name
        if bucket and (wait := bucket.take(request.arrived)):
            raise _too_many(key, wait)


def _too_many(key: Key, wait: float) -> Refused:
    seconds = ceil(wait)
    allowed = f"{key.rate:g} requests a second, {key.burst} at once"
    sentence = f"{key.name} may send {allowed}; come back in {seconds} s"
    return Refused(429, sentence, ((b"retry-after", b"%d" % seconds),))
