"""The first bytes of an uploaded file in; nothing out, or BadData when no model can come of it."""

import io
import zlib

from headrace.workload import BadData, Intake

from .labels import NEUTRAL, classes
from .reading import Lines

_LIMIT = 1 << 20


class _Intake:
    """Reads the whole lines of the head just as training will read the file."""

    def peek(self, name: str, head: bytes) -> None:
        """Raises BadData when the file that starts with `head` (1 MiB, or all of it) cannot be used."""
        head, whole = _unpacked(name, head) if name.lower().endswith(".gz") else (head, len(head) < _LIMIT)
        if not whole and b"\n" in head:
            head = head[: head.rindex(b"\n") + 1]
        lines = Lines(name, io.BytesIO(head))
        found = {label for _, label in lines}
        if not found and whole:
            raise BadData(f"{name} has no labelled text below its first line; upload it with its texts")
        if len(found - {NEUTRAL}) > 1:  # the other kind may be in another file
            classes(found)


def _unpacked(name: str, head: bytes) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(head, _LIMIT)
    except zlib.error as error:
        raise BadData(f"{name} is not compressed with gzip ({error}); compress it again or name it .csv") from None
    return text, unpacker.eof and not unpacker.unconsumed_tail


intake: Intake = _Intake()
