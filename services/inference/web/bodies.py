"""Large bodies that come and are done with in; how much of them the process holds, and a refusal of more, out."""

from services.inference.web.answers import Refused

SMALL = 64 << 10
"""Up to so many bytes a body is not counted."""

MOST_BYTES = 64 << 20
"""An instance has 512 MiB unless its workload asks for more, and what is read from a body is larger than it."""


class Bodies:
    """What all connections together hold of large bodies, from their first bytes to their answers."""

    def __init__(self) -> None:
        self.held = 0

    def hold(self, size: int) -> None:
        """Count so many bytes more. Raises Refused when they are too many; they count until they are let go."""
        self.held += size
        if self.held > MOST_BYTES:
            sentence = f"the requests in hand hold more than {MOST_BYTES >> 20} MiB; come back in 1 s"
            raise Refused(429, sentence, ((b"retry-after", b"1"),))

    def let_go(self, size: int) -> None:
        """Count so many bytes less."""
        self.held -= size
