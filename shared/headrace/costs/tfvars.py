"""The text of a .tfvars file in; its values out, as long as they are literals."""

import json
import re
from collections.abc import Iterator
from typing import Any

from headrace.errors import Rejected

_TOKEN = re.compile(
    r"""(?P<blank>\s+|(?:\#|//)[^\n]*)
    |(?P<string>"(?:[^"\\\n$%]|\\.|[$%](?!\{))*")
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_][\w-]*)
    |(?P<mark>[={}\[\],:])""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_CLOSING = {"{": "}", "[": "]"}
_END = ("end", "")
Token = tuple[str, str]


def read(text: str, file: str) -> dict[str, Any]:
    """Every variable that the file sets. Raises Rejected where it holds more than literals."""
    return _pairs([*_tokens(text, file), _END], _END[1], file)


def _tokens(text: str, file: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            line = text.count("\n", 0, at) + 1
            raise Rejected(f"{file}, line {line}: {text[at:].splitlines()[0]!r} is no literal; write the value itself")
        if token.lastgroup and token.lastgroup != "blank":
            yield token.lastgroup, token.group()
        at = token.end()


def _pairs(tokens: list[Token], closing: str, file: str) -> dict[str, Any]:
    found = {}
    while tokens[0][1] != closing:
        kind, key = _next(tokens, file)
        _, mark = _next(tokens, file)
        if kind not in ("name", "string") or mark not in ("=", ":"):
            raise Rejected(f"{file}: {key!r} is not followed by '=' and a value")
        found[json.loads(key) if kind == "string" else key] = _value(tokens, file)
        _skip_comma(tokens)
    return found


def _value(tokens: list[Token], file: str) -> Any:
    kind, text = _next(tokens, file)
    if kind in ("string", "number"):
        return json.loads(text)
    if kind == "name" and text in _WORDS:
        return _WORDS[text]
    if text not in _CLOSING:
        raise Rejected(f"{file}: {text!r} is no literal; write the value itself")
    found = _pairs(tokens, "}", file) if text == "{" else _items(tokens, file)
    _next(tokens, file)
    return found


def _items(tokens: list[Token], file: str) -> list[Any]:
    found = []
    while tokens[0][1] != "]":
        found.append(_value(tokens, file))
        _skip_comma(tokens)
    return found


def _skip_comma(tokens: list[Token]) -> None:
    if tokens[0][1] == ",":
        tokens.pop(0)


def _next(tokens: list[Token], file: str) -> Token:
    if tokens[0] == _END:
        raise Rejected(f"{file} ends within a value; a bracket or a brace is not closed")
    return tokens.pop(0)
