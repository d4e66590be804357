"""The first bytes of an uploaded file in; nothing out, or BadData when no model can come of it."""

import io
import zlib

from headrace.workload import BadData, Intake

from .reading import Lines

_LIMIT = 1 << 20


class _Intake:
    """Reads the whole lines of the head just as training will read the file."""

    def peek(self, name: str, head: bytes) -> None:
        """Raises BadData when the file that starts with `head` (1 MiB, or all of it) cannot be used."""
        if name.endswith(".parquet"):
            _check_parquet(name, head)
            return
        head, whole = _unpacked(name, head) if name.endswith(".gz") else (head, len(head) < _LIMIT)
        if not whole and b"\n" in head:
            head = head[: head.rindex(b"\n") + 1]
        lines = Lines(name, io.BytesIO(head))
        rows = sum(1 for _ in lines)
        if not rows and whole:
            raise BadData(f"{name} has column names and no loans below them; upload it with its rows")


def _check_parquet(name: str, head: bytes) -> None:
    """The columns of a Parquet file are named at its end, so they wait until the data is prepared."""
    if not head:
        raise BadData(f"{name} is empty; upload a table of LendingClub loans")
    if not head.startswith(b"PAR1"):
        raise BadData(f"{name} is not a Parquet file; write it again, or name it .csv if that is what it is")


def _unpacked(name: str, head: bytes) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(head, _LIMIT)
    except zlib.error as error:
        raise BadData(f"{name} is not compressed with gzip ({error}); compress it again or name it .csv") from None
    return text, unpacker.eof and not unpacker.unconsumed_tail


intake: Intake = _Intake()
