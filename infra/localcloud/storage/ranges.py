"""A `Range` or `Content-Range` header in; byte positions out."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from localcloud.storage.errors import StorageError, invalid, unimplemented

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


def wanted_bytes(header: str | None, size: int) -> range | None:
    """The positions of a download's range, cut to `size`; None for the whole object; 416 beyond the end."""
    if header is None or not header.startswith("bytes="):
        return None
    if "," in header:
        raise unimplemented(f"download of several ranges ({header}); ask for one at a time")
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        message = f"The requested range cannot be satisfied: {header} of {size} bytes"
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        raise StorageError(status, "requestedRangeNotSatisfiable", message, {"Content-Range": f"bytes */{size}"})
    return range(start, end)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of a resumable upload: `positions` is None for a status query, `total` when still unknown.

    `whole` when the request ends the object, however long its body turns out to be.
    """

    positions: range | None
    total: int | None
    whole: bool = False

    @classmethod
    def of(cls, content_range: str | None, content_length: str | None) -> "Chunk":
        """From the headers; without Content-Range the body is the whole object."""
        if content_range is None:
            length = int(content_length) if content_length and content_length.isdigit() else None
            return cls(range(length or 0), length, whole=True)
        match = _CONTENT_RANGE.fullmatch(content_range)
        if match is None:
            raise invalid(f"the Content-Range {content_range!r} is neither 'bytes A-B/N' nor 'bytes */N'")
        first, last, total = match.groups()
        positions = range(int(first), int(last) + 1) if first else None
        if positions is not None and (not positions or (total != "*" and positions.stop > int(total))):
            raise invalid(f"the Content-Range {content_range!r} ends before it starts or after its total")
        return cls(positions, None if total == "*" else int(total))
