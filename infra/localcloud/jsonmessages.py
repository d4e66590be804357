"""JSON of the REST API in; proto-plus messages out, and back."""

import json
from typing import Any, TypeVar

from google.protobuf import json_format

from localcloud.restserver import RestError

Message = TypeVar("Message")


def read(kind: type[Message], body: bytes) -> Message:
    """The message in a request's body; an empty body is an empty message, an unknown field an error."""
    message: Any = kind()
    proto_plus: Any = kind
    try:
        json_format.ParseDict(json.loads(body or b"{}"), proto_plus.pb(message))
    except (json_format.ParseError, ValueError) as error:
        raise RestError("INVALID_ARGUMENT", f"the body is not JSON of a {kind.__name__}: {error}") from None
    found: Message = message
    return found


def written(message: Any) -> Any:
    """The JSON object for a proto-plus or protobuf message."""
    return json_format.MessageToDict(type(message).pb(message) if hasattr(type(message), "pb") else message)
