"""A request's body in; what it says as JSON, and the binary data that follows it, out."""

import zlib
from typing import Any, NamedTuple

import msgspec

from services.inference.api.instances import check_parts
from services.inference.web.answers import Refused

_EITHER = 32 + zlib.MAX_WBITS
"""zlib and gzip; a `deflate` body is zlib's."""


class Input(msgspec.Struct, frozen=True):
    """One input tensor; `data` is missing when it is binary."""

    name: str
    datatype: str
    shape: list[int]
    data: list[Any] | None = None
    parameters: dict[str, Any] = {}


class Output(msgspec.Struct, frozen=True):
    """One output that the client wants."""

    name: str
    parameters: dict[str, Any] = {}


class Message(msgspec.Struct, frozen=True):
    """What a client asks of a model."""

    inputs: list[Input]
    id: str = ""
    outputs: list[Output] = []
    parameters: dict[str, Any] = {}


class Framing(NamedTuple):
    """What headers say of a body: how it is compressed, and how long its JSON is, when binary data follows.

    Unpacked, it may have `most` bytes.
    """

    encoding: bytes
    length: bytes
    most: int


_decoder = msgspec.json.Decoder(Message)


def split(framing: Framing, body: bytes) -> tuple[Message, memoryview]:
    """The message in `body` and its binary data. Raises Refused."""
    whole = memoryview(_unpacked(framing, body))
    if not framing.length:
        return _decoded(whole), whole[:0]
    if not framing.length.isdigit() or not 0 < int(framing.length[:20]) <= len(whole):
        said = framing.length[:20].decode("latin-1")
        raise Refused(400, f"inference-header-content-length is {said!r}, and the body has {len(whole)} bytes")
    end = int(framing.length)
    return _decoded(whole[:end]), whole[end:]


def _decoded(text: memoryview) -> Message:
    check_parts(text)
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"the body is no inference request: {error}") from None


def _unpacked(framing: Framing, body: bytes) -> bytes:
    """The body as it was before the client compressed it."""
    if framing.encoding in (b"", b"identity"):
        return body
    if framing.encoding not in (b"gzip", b"deflate"):
        said = framing.encoding[:40].decode("latin-1")
        raise Refused(415, f"content-encoding is {said!r}; send gzip, deflate or nothing of the kind")
    inflating = zlib.decompressobj(_EITHER)
    try:
        whole = inflating.decompress(body, framing.most + 1)
    except zlib.error as error:
        raise Refused(400, f"the body is not {framing.encoding.decode()}: {error}") from None
    if len(whole) > framing.most:
        raise Refused(413, f"the body unpacks to more than the {framing.most} bytes allowed; send less in one request")
    if not inflating.eof or inflating.unused_data:
        raise Refused(400, f"the body is not one whole piece of {framing.encoding.decode()}")
    return whole
