"""Parts of a request's body, as they come, in; the whole of it, or a refusal of more than the process may hold, out."""

from services.inference.web.answers import Refused

SMALL = 64 << 10
"""Up to so many bytes a body is not counted."""

MOST_BYTES = 64 << 20
"""An instance has 512 MiB unless its workload asks for more, and what is read from a body is larger than it."""


class Bodies:
    """What all connections together hold of large bodies, from their first bytes to their answers."""

    def __init__(self) -> None:
        self.held = 0


class Body:
    """One request's body, of `limit` bytes at most; counted among `bodies` once it is large, until it is dropped."""

    __slots__ = ("_bodies", "_held", "_length", "_limit", "_parts")

    def __init__(self, bodies: Bodies, limit: int) -> None:
        self._bodies, self._limit = bodies, limit
        self._parts = list[bytes]()
        self._length = self._held = 0

    def expect(self, length: int) -> None:
        """Its sender says how long it will be. Raises Refused when that is too long."""
        if length > self._limit:
            raise Refused(413, f"the body is larger than the {self._limit} bytes allowed; send less in one request")

    def add(self, part: bytes) -> None:
        """Some of it has come. Raises Refused when it is too long, or too much is held already."""
        self._length += len(part)
        self.expect(self._length)
        self._parts.append(part)
        if self._length > SMALL:
            self._hold()

    def whole(self) -> bytes:
        """All of it, to be asked for once; it counts for longer."""
        parts, self._parts = self._parts, []
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def drop(self) -> None:
        """Nobody needs it any longer."""
        self._bodies.held -= self._held
        self._parts, self._held = [], 0

    def _hold(self) -> None:
        self._bodies.held += self._length - self._held
        self._held = self._length
        if self._bodies.held > MOST_BYTES:
            sentence = f"the requests in hand hold more than {MOST_BYTES >> 20} MiB; come back in 1 s"
            raise Refused(429, sentence, ((b"retry-after", b"1"),))
