"""Resumable uploads in: begun, continued chunk by chunk, asked for, cancelled; finalized objects out."""

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from localcloud.storage.blobs import BlobWriter
from localcloud.storage.bodies import json_body, reply
from localcloud.storage.checksums import Checksums
from localcloud.storage.errors import StorageError, invalid
from localcloud.storage.names import decoded
from localcloud.storage.objects import Draft
from localcloud.storage.preconditions import ON_OBJECT, Preconditions
from localcloud.storage.query import Query
from localcloud.storage.ranges import Chunk
from localcloud.storage.records import JSON
from localcloud.storage.resource import object_resource
from localcloud.storage.service import Service
from localcloud.storage.sessions import Session
from localcloud.storage.uploads import target_name, upload_attributes

_INCOMPLETE = 308
_CANCELLED = 499


class ResumableUploads:
    """`objects.insert` over many requests and, if need be, over many lives of the server."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def begin(self, request: Request) -> Response:
        """POST with uploadType=resumable: the session's URL comes back in `Location`."""
        query = Query(request, "uploadType", "name", *ON_OBJECT)
        metadata = await json_body(request)
        bucket = self._service.buckets.get(decoded(request.path_params["bucket"]))
        name, preconditions = target_name(query, metadata), Preconditions.of(query)
        preconditions.check(self._service.objects.find(bucket.name, name))
        attributes = upload_attributes(metadata, request.headers.get("x-upload-content-type"))
        size = _declared_size(request.headers.get("x-upload-content-length"))
        checksums = Checksums.of(request.headers, metadata)
        session = self._service.sessions.create(bucket.name, name, attributes, checksums, preconditions, size)
        location = f"{self._service.base_url}{request.url.path}?uploadType=resumable&upload_id={session.id}"
        return Response(headers={"Location": location, "X-GUploader-UploadID": session.id})

    async def proceed(self, request: Request) -> Response:
        """PUT a chunk, the rest, or a status query: 308 while bytes are missing, then the object."""
        session = self._session(request)
        async with self._service.sessions.turn(session):
            session = self._service.sessions.get(session.id)
            if session.result is not None:
                return reply(request, session.result)
            chunk = Chunk.of(request.headers.get("content-range"), request.headers.get("content-length"))
            total = _total(chunk, session)
            writer = await self._receive(request, session, chunk, total)
            if total is None and not chunk.whole:
                return _incomplete(writer)
            if total is not None and writer.length < total:
                return _incomplete(writer)
            return reply(request, await self._complete(session, writer, Checksums.of(request.headers)))

    async def cancel(self, request: Request) -> Response:
        """DELETE the session; the service answers 499."""
        session = self._session(request)
        async with self._service.sessions.turn(session):
            self._service.sessions.cancel(session)
        return Response(status_code=_CANCELLED)

    def _session(self, request: Request) -> Session:
        query = Query(request, "uploadType", "upload_id", "name")
        return self._service.sessions.get(query.text("upload_id") or "")

    async def _receive(self, request: Request, session: Session, chunk: Chunk, total: int | None) -> BlobWriter:
        """Append what the request adds; an interrupted request keeps the whole quanta that arrived."""
        writer = await self._service.sessions.writer(session)
        positions = chunk.positions
        if positions is None:
            return writer
        try:
            await writer.extend(_new_bytes(request, positions, writer.length, whole=chunk.whole))
            if not chunk.whole and positions.stop != total:
                await writer.settle()
        except ClientDisconnect:
            await writer.settle()
            raise
        except BaseException:
            self._service.sessions.forget_writer(session)
            raise
        return writer

    async def _complete(self, session: Session, writer: BlobWriter, checksums: Checksums) -> JSON:
        try:
            blob = await writer.finish()
            session.checksums.verify(blob)
            checksums.verify(blob)
            draft = Draft(session.bucket, session.name, blob, session.attributes)
            with self._service.database.transaction():
                created = self._service.objects.finalize(draft, session.preconditions)
                result = object_resource(created, self._service.base_url)
                self._service.sessions.complete(session, result)
        except StorageError:
            self._service.sessions.cancel(session)
            raise
        except BaseException:
            self._service.sessions.forget_writer(session)
            raise
        return result


async def _new_bytes(request: Request, positions: range, stored: int, *, whole: bool) -> AsyncIterator[bytes]:
    """The request's bytes from position `stored` on; a client may send again what it does not know to be stored."""
    if positions.start > stored:
        raise invalid(f"the chunk starts at byte {positions.start}; send from byte {stored} on")
    position = positions.start
    async for block in request.stream():
        known = max(0, stored - position)
        position += len(block)
        if not whole and position > positions.stop:
            break
        if known < len(block):
            yield block[known:]
    if not whole and position != positions.stop:
        raise invalid(f"the body ends at byte {position} and its Content-Range at {positions.stop}")


def _incomplete(writer: BlobWriter) -> Response:
    headers = {"Range": f"bytes=0-{writer.size - 1}"} if writer.size else {}
    return Response(status_code=_INCOMPLETE, headers=headers)


def _total(chunk: Chunk, session: Session) -> int | None:
    """The object's size in bytes as far as it is known; 400 when the client gave two."""
    sizes = {size for size in (chunk.total, session.size) if size is not None}
    if len(sizes) > 1:
        raise invalid(f"the upload was declared {session.size} bytes long and now {chunk.total}; begin a new one")
    return next(iter(sizes), None)


def _declared_size(header: str | None) -> int | None:
    if header is None:
        return None
    if not header.isdigit():
        raise invalid(f"X-Upload-Content-Length {header!r} is not a number of bytes")
    return int(header)
