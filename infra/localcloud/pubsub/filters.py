"""A subscription filter in; a predicate on message attributes out."""

import re
from collections.abc import Callable, Mapping

from localcloud.grpcserver import StatusError
from localcloud.pubsub.refusals import invalid

Predicate = Callable[[Mapping[str, str]], bool]

_MAX_BYTES = 256
_TOKEN = re.compile(r'\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<word>\w[\w-]*)|(?P<sign>!=|[-=:.,()]))', re.ASCII)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-7]{1,3})|(.))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def parse_filter(text: str) -> Predicate:
    """The predicate that `text` describes; no text matches everything. INVALID_ARGUMENT for bad syntax."""
    if not text.strip():
        return lambda _: True
    if len(text.encode()) > _MAX_BYTES:
        raise invalid(f"The filter has {len(text.encode())} bytes; {_MAX_BYTES} are allowed.")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent, one method per rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._tokenize()
        self._at = 0

    def _tokenize(self) -> list[str]:
        tokens, position, end = [], 0, len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._error(f"cannot read {self._text[position:].strip()!r}")
            tokens.append(match.group().strip())
            position = match.end()
        return tokens

    def whole(self) -> Predicate:
        predicate = self._expression()
        if self._at < len(self._tokens):
            raise self._error(f"unexpected {self._peek()!r}; AND and OR are combined with parentheses")
        return predicate

    def _expression(self) -> Predicate:
        terms = [self._term()]
        joint = self._peek()
        if joint not in ("AND", "OR"):
            return terms[0]
        while self._peek() == joint:
            self._next()
            terms.append(self._term())
        combine = all if joint == "AND" else any
        return lambda attributes: combine(term(attributes) for term in terms)

    def _term(self) -> Predicate:
        word = self._next()
        if word in ("NOT", "-"):
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if word == "(":
            inner = self._expression()
            self._expect(")")
            return inner
        if word == "hasPrefix":
            return self._has_prefix()
        if word == "attributes":
            return self._comparison()
        raise self._error(f"unexpected {word!r}")

    def _comparison(self) -> Predicate:
        sign, key = self._next(), self._key()
        if sign == ":":
            return lambda attributes: key in attributes
        if sign != ".":
            raise self._error(f"expected attributes.KEY or attributes:KEY, not attributes{sign}{key}")
        operator, value = self._next(), self._string()
        if operator == "=":
            return lambda attributes: attributes.get(key) == value
        if operator == "!=":
            return lambda attributes: attributes.get(key) != value
        raise self._error(f"expected = or != after attributes.{key}, not {operator!r}")

    def _has_prefix(self) -> Predicate:
        for token in ("(", "attributes", "."):
            self._expect(token)
        key = self._key()
        self._expect(",")
        prefix = self._string()
        self._expect(")")
        return lambda attributes: key in attributes and attributes[key].startswith(prefix)

    def _key(self) -> str:
        if self._peek().startswith('"'):
            return self._string()
        token = self._next()
        if not re.fullmatch(r"[\w-]+", token, re.ASCII):
            raise self._error(f"{token!r} is not an attribute key; quote keys with other characters")
        return token

    def _string(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            raise self._error(f"expected a string in double quotes, not {token!r}")
        return _ESCAPE.sub(_unescape, token[1:-1])

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise self._error("it ends too early")
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise self._error(f"expected {token!r}, not {found!r}")

    def _error(self, reason: str) -> StatusError:
        return invalid(f"Invalid filter {self._text!r}: {reason}.")


def _unescape(match: re.Match[str]) -> str:
    unicode, hexadecimal, octal, letter = match.groups()
    if unicode or hexadecimal:
        return chr(int(unicode or hexadecimal, 16))
    return chr(int(octal, 8)) if octal else _LETTERS.get(letter, letter)
