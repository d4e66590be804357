"""Requests on objects in; metadata, content, pages and deletions out."""

from starlette.requests import Request
from starlette.responses import Response

from localcloud.storage.attributes import object_attributes, replaced
from localcloud.storage.bodies import json_body, reply
from localcloud.storage.downloads import download
from localcloud.storage.errors import invalid
from localcloud.storage.globs import glob_pattern
from localcloud.storage.listing import MAX_RESULTS, Selection, list_page
from localcloud.storage.names import decoded
from localcloud.storage.preconditions import ON_OBJECT, Preconditions, check_etags
from localcloud.storage.query import Query
from localcloud.storage.records import JSON, StoredObject
from localcloud.storage.resource import object_resource
from localcloud.storage.service import Service

_LIST_PARAMETERS = (
    "prefix",
    "delimiter",
    "pageToken",
    "maxResults",
    "startOffset",
    "endOffset",
    "matchGlob",
    "includeTrailingDelimiter",
    "versions",
)


class ObjectEndpoints:
    """`objects.get`, `list`, `patch`, `update` and `delete`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def get(self, request: Request) -> Response:
        """The metadata, or with alt=media the content."""
        found = self._read(request)
        alternative = request.query_params.get("alt", "json")
        if alternative == "media":
            return download(self._service.blobs, found, request.headers)
        if alternative != "json":
            raise invalid(f"alt={alternative!r} is neither 'json' nor 'media'")
        return self._reply(request, found)

    async def content(self, request: Request) -> Response:
        """GET on the download path: always the content."""
        return download(self._service.blobs, self._read(request), request.headers)

    async def list(self, request: Request) -> Response:
        """A page of a bucket."""
        query = Query(request, *_LIST_PARAMETERS)
        bucket = self._service.buckets.get(decoded(request.path_params["bucket"]))
        limit = min(query.integer("maxResults") or MAX_RESULTS, MAX_RESULTS)
        page = list_page(self._service.objects, bucket.name, _selection(query), query.text("pageToken"), limit)
        resource: JSON = {"kind": "storage#objects"}
        if page.items:
            resource["items"] = [object_resource(item, self._service.base_url) for item in page.items]
        if page.prefixes:
            resource["prefixes"] = page.prefixes
        if page.next_token:
            resource["nextPageToken"] = page.next_token
        return reply(request, resource)

    async def patch(self, request: Request) -> Response:
        """Change the fields that are sent; null removes one."""
        changes = object_attributes(await json_body(request))
        with self._service.database.transaction():
            current = self._current(request)
            _keep_storage_class(current, changes)
            changed = self._service.objects.change(current, changes)
        return self._reply(request, changed)

    async def update(self, request: Request) -> Response:
        """Replace all the fields a user may set."""
        attributes = replaced(await json_body(request))
        with self._service.database.transaction():
            current = self._current(request)
            _keep_storage_class(current, attributes)
            kept = {"storageClass": current.attributes["storageClass"]}
            changed = self._service.objects.replace_attributes(current, attributes | kept)
        return self._reply(request, changed)

    async def delete(self, request: Request) -> Response:
        """Delete the live generation, or for good the one that `generation` names."""
        with self._service.database.transaction():
            for_good = "generation" in request.query_params
            self._service.objects.delete(self._current(request), for_good=for_good)
        return Response(status_code=204)

    def _read(self, request: Request) -> StoredObject:
        query = Query(request, "generation", *ON_OBJECT)
        found = self._find(request, query)
        Preconditions.of(query).check(found, reading=True)
        check_etags(request.headers, found)
        return found

    def _current(self, request: Request) -> StoredObject:
        """What a write is about to change; call it in the transaction that does."""
        query = Query(request, "generation", *ON_OBJECT)
        found = self._find(request, query)
        Preconditions.of(query).check(found)
        return found

    def _find(self, request: Request, query: Query) -> StoredObject:
        bucket, name = decoded(request.path_params["bucket"]), decoded(request.path_params["object"])
        return self._service.objects.get(bucket, name, query.integer("generation"))

    def _reply(self, request: Request, found: StoredObject) -> Response:
        return reply(request, object_resource(found, self._service.base_url))


def _keep_storage_class(current: StoredObject, attributes: JSON) -> None:
    present = current.attributes["storageClass"]
    if attributes.get("storageClass", present) != present:
        raise invalid(f"{current.name!r} is {present}; its storage class changes by rewriting it onto itself")


def _selection(query: Query) -> Selection:
    glob, delimiter = query.text("matchGlob"), query.text("delimiter") or ""
    if glob and delimiter not in {"", "/"}:
        raise invalid(f"matchGlob goes with the delimiter '/' only, not with {delimiter!r}")
    return Selection(
        prefix=query.text("prefix") or "",
        delimiter=delimiter,
        start=query.text("startOffset") or "",
        end=query.text("endOffset"),
        glob=glob_pattern(glob) if glob else None,
        trailing_delimiter=query.flag("includeTrailingDelimiter"),
        versions=query.flag("versions"),
    )
