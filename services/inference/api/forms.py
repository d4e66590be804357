"""A multipart form in; an instance, or one for each of several files, out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from headrace.batches import cells
from headrace.workload import Field
from services.inference.answering.rows import Rows
from services.inference.api import charsets
from services.inference.web.answers import Refused

MOST_PARTS = 2000


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part holds, and what its headers say of it; `file` when it has the name of one, or a file's type."""

    name: str
    data: bytes
    charset: str
    file: bool


def read(boundary: str, fields: Sequence[Field], body: bytes) -> Rows:
    """The instances in a form. Every file of an image is an instance; what else there is belongs to each of them.

    Raises Refused.
    """
    known = {field.name: field for field in fields}
    pictures = [field.name for field in fields if field.kind == "image"]
    files: dict[str, list[bytes]] = {}
    shared: dict[str, Any] = {}
    for part in _parts(boundary, body):
        if part.file and (name := _picture(part.name, pictures, known)):
            files.setdefault(name, []).append(part.data)
        elif part.name in shared:
            raise Refused(400, f"the form has {part.name[:60]!r} twice; send it once, or several instances as JSON")
        else:
            shared[part.name] = _value(part, known.get(part.name))
    return _rows(files, shared)


def _rows(files: Mapping[str, Sequence[bytes]], shared: Mapping[str, Any]) -> Rows:
    if not files:
        return Rows([dict(shared)], many=False)
    counts = {name: len(found) for name, found in files.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise Refused(400, f"the form has {said}; send as many files of each")
    columns = zip(*files.values(), strict=True)
    rows = [{**shared, **dict(zip(files, column, strict=True))} for column in columns]
    return Rows(rows, many=len(rows) > 1)


def _picture(name: str, pictures: Sequence[str], known: Mapping[str, Field]) -> str:
    """The image field that a file is for: the one it names, or, whatever its name, the only one there is."""
    if name in pictures:
        return name
    return pictures[0] if len(pictures) == 1 and name not in known else ""


def _value(part: _Part, field: Field | None) -> Any:
    """What a part says, as JSON would; what is no number stays a text, for the model to say what it expected."""
    text = charsets.text(part.data, part.charset, f"the form's {part.name[:60]!r}")
    if field is None or field.kind in ("text", "image"):
        return text
    plain = text.strip()
    if field.kind == "boolean":
        return cells.TRUTHS.get(plain.lower(), text)
    if not plain:
        return None
    try:
        number = float(plain)
    except ValueError:
        return text
    return number if isfinite(number) and "_" not in plain else text


def _parts(boundary: str, body: bytes) -> Iterator[_Part]:
    from multipart import MultipartError, MultipartSegment, PushMultipartParser

    segment: MultipartSegment | None = None
    data = b""
    try:
        with PushMultipartParser(boundary, max_segment_count=MOST_PARTS, strict=True) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    segment, data = event, b""
                elif event:
                    data += event
                elif segment and (segment.filename != "" or data):
                    yield _part(segment, data)
    except MultipartError as error:
        raise Refused(400, f"the body is not a multipart form: {error}") from None


def _part(segment: Any, data: bytes) -> _Part:
    kind = segment.content_type or "text/plain"
    file = segment.filename is not None or kind.startswith("image/") or kind == "application/octet-stream"
    return _Part(segment.name or "", data, segment.charset or charsets.USUAL, file)
