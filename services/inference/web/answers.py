"""Something to say in; an answer with its status and headers out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from headrace.errors import HeadraceError

Headers = tuple[tuple[bytes, bytes], ...]

JSON = b"application/json"

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
"""JSON, in which bytes are base64."""


@dataclass(slots=True)
class Answer:
    """A response: its status, its body and the headers beyond those that every response has."""

    status: int
    body: bytes
    headers: Headers = ()
    content: bytes = JSON


class Refused(HeadraceError):
    """The request cannot be served as it is; the message is the sentence that its sender reads."""

    def __init__(self, status: int, sentence: str, headers: Headers = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


def says(value: Any, status: int = 200) -> Answer:
    """`value` as JSON."""
    return Answer(status, encode(value))


def refusal(error: Refused, request_id: str) -> Answer:
    """The error as its sender reads it."""
    return Answer(error.status, encode({"error": str(error), "request_id": request_id}), error.headers)


Refusal = Callable[[Refused, str], Answer]
"""How an error is said, with the id of its request."""


def failure(request_id: str) -> Refused:
    """What is said of a bug: nothing of it leaves the process but the id under which the log has it."""
    return Refused(500, f"the service failed on this request; its log says why under request id {request_id}")
