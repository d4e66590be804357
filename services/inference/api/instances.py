"""A request's body in; the instances to predict out."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from services.inference.answering.rows import Rows
from services.inference.web.answers import Refused

_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode
_KINDS = {str: "a string", int: "a number", float: "a number", bool: "true or false", list: "a list", dict: "an object"}
_SHOWN = 4
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_FILES = {
    b"\x1f\x8b": "gzip: send it as it was before",
    b"\xff\xd8\xff": "a JPEG: send it with content-type image/jpeg",
    b"\x89PNG": "a PNG: send it with content-type image/png",
    b"--": "a form: send it with the content-type that multipart forms have",
}
"""How files begin that are sent by mistake."""


MOST_PARTS = 500_000
"""Objects and lists in a body: each takes up to a hundred bytes in memory, and may be two of what was sent."""


def decode(body: bytes) -> Any:
    """The body as JSON. Raises Refused."""
    check_parts(body)
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {error}{_hint(body)}") from None


def check_parts(body: bytes | memoryview) -> None:
    """Raises Refused for JSON that would fill the memory before anybody could count its rows."""
    if (
        len(body) > MOST_PARTS
        and _parts(text := bytes(body)) > MOST_PARTS
        and _parts(_STRING.sub(b"", text)) > MOST_PARTS
    ):
        raise Refused(413, f"the body has more than {MOST_PARTS} objects and lists; send less in one request")


def read(body: bytes) -> Rows:
    """The instances in a JSON body. Raises Refused."""
    sent = decode(body)
    if type(sent) is dict:
        if "instances" not in sent:
            return Rows([sent], many=False)
        sent = _only_instances(sent)
    if type(sent) is not list:
        forms = 'one object, a list of objects, or {"instances": [...]}'
        raise Refused(400, f"the body is {kind(sent)}; send {forms}")
    _check(sent)
    return Rows(sent)


def _only_instances(sent: dict[str, Any]) -> Any:
    if len(sent) > 1:
        others = ", ".join(repr(name[:60]) for name in [*sent][:_SHOWN] if name != "instances")
        raise Refused(400, f"{others} cannot stand beside 'instances'; leave it out or put it into each instance")
    if type(sent["instances"]) is not list:
        raise Refused(400, f"'instances' is {kind(sent['instances'])}; send a list of objects")
    return sent["instances"]


def _check(rows: list[Any]) -> None:
    if not rows:
        raise Refused(400, "'instances' is empty; send at least one object")
    for index, row in enumerate(rows):
        if type(row) is not dict:
            raise Refused(400, f"instances[{index}] is {kind(row)}; every instance is an object")


def _parts(text: bytes) -> int:
    return text.count(b"{") + text.count(b"[")


def _hint(body: bytes) -> str:
    """What the body looks like instead."""
    return next((f"; it looks like {file}" for start, file in _FILES.items() if body.startswith(start)), "")


def kind(value: Any) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(value), "null")
