"""Requests on buckets in; their resources out."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from localcloud.storage.bodies import json_body, reply
from localcloud.storage.errors import invalid
from localcloud.storage.listing import MAX_RESULTS
from localcloud.storage.names import decoded
from localcloud.storage.preconditions import ON_BUCKET, Preconditions, check_etags
from localcloud.storage.query import Query
from localcloud.storage.records import JSON, Bucket
from localcloud.storage.resource import bucket_resource
from localcloud.storage.service import Service
from localcloud.storage.settings import merged_settings, new_settings


class BucketEndpoints:
    """`buckets.insert`, `get`, `list`, `patch`, `update` and `delete`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def insert(self, request: Request) -> Response:
        """A new bucket."""
        project = Query(request, "project").text("project")
        if project is None:
            raise invalid("Required parameter: project")
        wanted = await json_body(request)
        settings, generation = new_settings(wanted), self._service.objects.next_generation()
        bucket = self._service.buckets.create(wanted.get("name"), project, generation, settings)
        return self._reply(request, bucket)

    async def get(self, request: Request) -> Response:
        """The bucket's metadata."""
        bucket = self._checked(request, reading=True)
        check_etags(request.headers, bucket)
        return self._reply(request, bucket)

    async def list(self, request: Request) -> Response:
        """A page of the project's buckets."""
        query = Query(request, "project", "prefix", "maxResults", "pageToken")
        project = query.text("project")
        if project is None:
            raise invalid("Required parameter: project")
        limit = min(query.integer("maxResults") or MAX_RESULTS, MAX_RESULTS)
        start = query.text("pageToken") or ""
        found = self._service.buckets.page(project, query.text("prefix") or "", start, limit + 1)
        resource: JSON = {"kind": "storage#buckets"}
        if found:
            resource["items"] = [bucket_resource(bucket, self._service.base_url) for bucket in found[:limit]]
        if len(found) > limit:
            resource["nextPageToken"] = found[limit].name
        return reply(request, resource)

    async def patch(self, request: Request) -> Response:
        """Change the settings that are sent; null brings a default back."""
        changes = await json_body(request)
        bucket = self._checked(request)
        return self._change(request, bucket, merged_settings(bucket.settings, changes))

    async def update(self, request: Request) -> Response:
        """Replace all settings."""
        wanted = await json_body(request)
        bucket = self._checked(request)
        return self._change(request, bucket, new_settings({"location": bucket.settings["location"], **wanted}))

    async def delete(self, request: Request) -> Response:
        """Delete an empty bucket."""
        self._service.buckets.delete(self._checked(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _change(self, request: Request, bucket: Bucket, settings: JSON) -> Response:
        if settings["location"] != bucket.settings["location"]:
            raise invalid(f"the bucket {bucket.name!r} is in {bucket.settings['location']} and cannot move")
        return self._reply(request, self._service.buckets.change(bucket, settings))

    def _checked(self, request: Request, *, reading: bool = False) -> Bucket:
        query = Query(request, *ON_BUCKET)
        bucket = self._service.buckets.get(decoded(request.path_params["bucket"]))
        Preconditions.of(query).check(bucket, reading=reading)
        return bucket

    def _reply(self, request: Request, bucket: Bucket) -> Response:
        return reply(request, bucket_resource(bucket, self._service.base_url))
