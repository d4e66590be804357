"""The type of a body and the fields of a model in; how the body becomes instances, or a refusal, out."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from headrace.workload import Field
from services.inference.answering.rows import Reader, Rows
from services.inference.api import charsets, forms, instances
from services.inference.web.answers import Refused

JSON = frozenset(
    (None, b"", b"application/json", b"application/json; charset=utf-8", b"application/x-www-form-urlencoded")
)
"""Headers with which JSON is usually sent: none, its own, and what curl says of any body."""

_JSON_TYPES = ("application/json", "text/json", "application/x-www-form-urlencoded")
_BYTES = "application/octet-stream"
_FORM = "multipart/form-data"
_TEXT = "text/plain"


class Content(NamedTuple):
    """A content type: what it is, and what its parameters say."""

    kind: str
    charset: str
    boundary: str


def reader(header: bytes, fields: Sequence[Field]) -> Reader:
    """How to read a body of this content type for a model of these fields. Raises Refused: 415."""
    content = parsed(header)
    if content.kind in _JSON_TYPES or content.kind.endswith("+json"):
        return instances.read
    if content.kind == _FORM:
        if not content.boundary:
            raise Refused(400, f"content-type is {_FORM} without a boundary; let what makes the form name it")
        return partial(forms.read, content.boundary, fields)
    if (image := only(fields, "image")) and (content.kind.startswith("image/") or content.kind == _BYTES):
        return partial(_file, image)
    if (text := only(fields, "text")) and content.kind == _TEXT:
        return partial(_text, text, content.charset)
    raise Refused(415, f"content-type is {content.kind[:60]!r}; this model takes {', '.join(taken(fields))}")


def taken(fields: Sequence[Field]) -> tuple[str, ...]:
    """The content types that a model of these fields is asked with."""
    image = ("image/*", _BYTES) if only(fields, "image") else ()
    return ("application/json", _FORM, *image, *((_TEXT,) if only(fields, "text") else ()))


def only(fields: Sequence[Field], kind: str) -> str:
    """The name of the one field of its kind, when no other must be sent; else nothing."""
    of_kind = [field.name for field in fields if field.kind == kind]
    others = [field.name for field in fields if field.required and field.kind != kind]
    return of_kind[0] if len(of_kind) == 1 and not others else ""


def parsed(header: bytes) -> Content:
    """The header's type, lower case, and its parameters."""
    kind, _, rest = header.decode("latin-1").partition(";")
    options: dict[str, str] = {}
    for option in rest.split(";"):
        name, _, value = option.partition("=")
        options[name.strip().lower()] = value.strip().strip('"')
    return Content(kind.strip().lower(), options.get("charset") or charsets.USUAL, options.get("boundary", ""))


def _file(field: str, body: bytes) -> Rows:
    return Rows([{field: body}], many=False)


def _text(field: str, charset: str, body: bytes) -> Rows:
    return Rows([{field: charsets.text(body, charset)}], many=False)
