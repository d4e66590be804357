"""A stored object and a request in; its bytes, or a range of them, streamed out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import format_datetime
from typing import BinaryIO
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from localcloud.storage.blobs import BLOCK, Blobs
from localcloud.storage.errors import unimplemented
from localcloud.storage.ranges import wanted_bytes
from localcloud.storage.records import StoredObject
from localcloud.storage.resource import etag

_SMALL = 64 * 1024  # bytes read on the event loop
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))  # whatever else users put into these fields is percent-encoded
_RESPONSE_HEADERS = {
    "contentType": "Content-Type",
    "contentEncoding": "Content-Encoding",
    "contentDisposition": "Content-Disposition",
    "contentLanguage": "Content-Language",
    "cacheControl": "Cache-Control",
}


def download(blobs: Blobs, found: StoredObject, request: Headers) -> Response:
    """200 with everything or 206 with the range asked for; memory holds one block, whatever the size."""
    _refuse_transcoding(found, request)
    wanted = wanted_bytes(request.get("range"), found.blob.size)
    positions = range(found.blob.size) if wanted is None else wanted
    headers = _headers(found) | {"Content-Length": str(len(positions))}
    if wanted is not None:
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{found.blob.size}"
    status = 200 if wanted is None else 206
    file = blobs.open(found.blob)
    file.seek(positions.start)
    if len(positions) <= _SMALL:
        with file:
            return Response(file.read(len(positions)), status, headers)
    return StreamingResponse(_blocks(file, len(positions)), status, headers)


async def _blocks(file: BinaryIO, remaining: int) -> AsyncIterator[bytes]:
    with file:
        while remaining > 0:
            block = await asyncio.to_thread(file.read, min(BLOCK, remaining))
            if not block:
                raise OSError(f"{file.name} is {remaining} bytes shorter than its metadata says")
            remaining -= len(block)
            yield block


def _refuse_transcoding(found: StoredObject, request: Headers) -> None:
    encoded = found.attributes.get("contentEncoding") == "gzip"
    fixed = "no-transform" in found.attributes.get("cacheControl", "")
    if encoded and not fixed and "gzip" not in request.get("accept-encoding", ""):
        raise unimplemented(
            "decompressive transcoding of gzip objects; send 'Accept-Encoding: gzip' for the stored bytes"
        )


def _headers(found: StoredObject) -> dict[str, str]:
    blob, attributes = found.blob, found.attributes
    hashes = f"crc32c={blob.crc32c}" + (f",md5={blob.md5}" if blob.md5 else "")
    headers = {
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
        "ETag": etag(found.generation, found.metageneration),
        "Last-Modified": format_datetime(datetime.fromisoformat(found.updated), usegmt=True),
        "X-Goog-Generation": str(found.generation),
        "X-Goog-Metageneration": str(found.metageneration),
        "X-Goog-Hash": hashes,
        "X-Goog-Storage-Class": attributes["storageClass"],
        "X-Goog-Stored-Content-Encoding": attributes.get("contentEncoding", "identity"),
        "X-Goog-Stored-Content-Length": str(blob.size),
    }
    given = {header: attributes[field] for field, header in _RESPONSE_HEADERS.items() if field in attributes}
    return headers | {header: quote(value, safe=_PRINTABLE) for header, value in given.items()}
