"""Objects that exist in; copies, rewrites and moves of them out, which share their bytes."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from localcloud.storage.attributes import replaced
from localcloud.storage.bodies import json_body, reply
from localcloud.storage.errors import invalid
from localcloud.storage.names import decoded, object_name
from localcloud.storage.objects import Draft
from localcloud.storage.preconditions import ON_OBJECT, ON_SOURCE, Preconditions
from localcloud.storage.query import Query
from localcloud.storage.records import JSON, StoredObject
from localcloud.storage.resource import object_resource
from localcloud.storage.service import Service

_COPY_PARAMETERS = ("sourceGeneration", *ON_OBJECT, *ON_SOURCE)


class Copies:
    """`objects.copy`, `objects.rewrite` and `objects.move`. All are done in one request, whatever the size."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def copy(self, request: Request) -> Response:
        """POST …/copyTo/b/B/o/O."""
        query = Query(request, *_COPY_PARAMETERS)
        created = self._copy(request, query, await json_body(request))
        return reply(request, object_resource(created, self._service.base_url))

    async def rewrite(self, request: Request) -> Response:
        """POST …/rewriteTo/b/B/o/O; done at the first call, so no token is ever given or taken."""
        query = Query(request, *_COPY_PARAMETERS, "maxBytesRewrittenPerCall", "rewriteToken")
        if token := query.text("rewriteToken"):
            raise invalid(f"the rewriteToken {token!r} did not come from this server; it rewrites in one call")
        created = self._copy(request, query, await json_body(request))
        return reply(
            request,
            {
                "kind": "storage#rewriteResponse",
                "totalBytesRewritten": str(created.blob.size),
                "objectSize": str(created.blob.size),
                "done": True,
                "resource": object_resource(created, self._service.base_url),
            },
        )

    async def move(self, request: Request) -> Response:
        """POST …/moveTo/o/O: a copy and a delete that happen together."""
        query = Query(request, *_COPY_PARAMETERS)
        with self._service.database.transaction():
            source = self._source(request, query)
            created = self._draft(request, query, source, source.bucket, {})
            if (source.bucket, source.name) != (created.bucket, created.name):
                self._service.objects.delete(source)
        return reply(request, object_resource(created, self._service.base_url))

    def _copy(self, request: Request, query: Query, metadata: JSON) -> StoredObject:
        source = self._source(request, query)
        bucket = self._service.buckets.get(decoded(request.path_params["to_bucket"]))
        return self._draft(request, query, source, bucket.name, replaced(metadata))

    def _source(self, request: Request, query: Query) -> StoredObject:
        bucket, name = decoded(request.path_params["bucket"]), decoded(request.path_params["object"])
        source = self._service.objects.get(bucket, name, query.integer("sourceGeneration"))
        Preconditions.of(query, "ifSource").check(source, reading=True)
        return source

    def _draft(
        self, request: Request, query: Query, source: StoredObject, bucket: str, attributes: dict[str, Any]
    ) -> StoredObject:
        """Metadata that is given replaces all of the source's; the storage class is the destination's own."""
        kept = {field: value for field, value in source.attributes.items() if field != "storageClass"}
        name = object_name(decoded(request.path_params["to_object"]))
        draft = Draft(bucket, name, source.blob, attributes or kept, source.components)
        return self._service.objects.finalize(draft, Preconditions.of(query))
