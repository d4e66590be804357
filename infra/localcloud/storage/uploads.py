"""Simple and multipart uploads in; finalized objects out."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from localcloud.storage.attributes import replaced
from localcloud.storage.bodies import reply
from localcloud.storage.checksums import Checksums
from localcloud.storage.errors import invalid
from localcloud.storage.multipart import MultipartRelated
from localcloud.storage.names import decoded, object_name
from localcloud.storage.objects import Draft
from localcloud.storage.preconditions import ON_OBJECT, Preconditions
from localcloud.storage.query import Query
from localcloud.storage.records import JSON
from localcloud.storage.resource import object_resource
from localcloud.storage.service import Service

_DEFAULT_TYPE = "application/octet-stream"


class Uploads:
    """`objects.insert` with the whole object in one request."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def media(self, request: Request) -> Response:
        """uploadType=media: the body is the content."""
        query = Query(request, "uploadType", "name", "contentEncoding", *ON_OBJECT)
        metadata = {"contentEncoding": query.text("contentEncoding")}
        return await self._store(request, query, metadata, request.headers.get("content-type"), request.stream())

    async def multipart(self, request: Request) -> Response:
        """uploadType=multipart: metadata, then the content."""
        query = Query(request, "uploadType", "name", *ON_OBJECT)
        parts = MultipartRelated(request.headers.get("content-type", ""), aiter(request.stream()))
        metadata, media_type = await parts.head()
        return await self._store(request, query, metadata, media_type, parts.media())

    async def _store(
        self, request: Request, query: Query, metadata: JSON, media_type: str | None, content: AsyncIterator[bytes]
    ) -> Response:
        bucket = self._service.buckets.get(decoded(request.path_params["bucket"]))
        name = target_name(query, metadata)
        attributes = upload_attributes(metadata, media_type)
        checksums, preconditions = Checksums.of(request.headers, metadata), Preconditions.of(query)
        writer = self._service.blobs.create()
        try:
            await writer.extend(content)
            blob = await writer.finish()
            checksums.verify(blob)
            created = self._service.objects.finalize(Draft(bucket.name, name, blob, attributes), preconditions)
        except BaseException:
            self._service.blobs.discard(writer.id)
            raise
        return reply(request, object_resource(created, self._service.base_url))


def target_name(query: Query, metadata: Mapping[str, Any]) -> str:
    """The object's name, from the `name` parameter or the metadata; 400 when they differ or are missing."""
    named = {value for value in (query.text("name"), metadata.get("name")) if value}
    if len(named) > 1:
        raise invalid(f"the name parameter and the metadata name different objects: {sorted(map(str, named))}")
    return object_name(next(iter(named), None))


def upload_attributes(metadata: Mapping[str, Any], media_type: str | None) -> JSON:
    """The new object's attributes; the content type may come with the content."""
    return {"contentType": media_type or _DEFAULT_TYPE, **replaced(metadata)}
