"""A storage service in; the ASGI application that speaks the Cloud Storage JSON API out."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from localcloud.storage.batch import Batches
from localcloud.storage.bucket_endpoints import BucketEndpoints
from localcloud.storage.compositions import Compositions
from localcloud.storage.copies import Copies
from localcloud.storage.errors import StorageError, invalid, respond, unimplemented
from localcloud.storage.object_endpoints import ObjectEndpoints
from localcloud.storage.preconditions import refuse_etags
from localcloud.storage.resumable import ResumableUploads
from localcloud.storage.service import Service
from localcloud.storage.uploads import Uploads

Endpoint = Callable[[Request], Awaitable[Response]]

_BUCKET = "/storage/v1/b/{bucket}"
_OBJECT = _BUCKET + "/o/{object}"
_REFUSED_HEADERS = ("x-goog-encryption-", "x-goog-copy-source-encryption-", "x-goog-acl", "x-goog-if-")


def application(service: Service) -> ASGIApp:
    """The whole API; anything not in it is answered 501 with its method and path."""
    app = Starlette(
        routes=_bucket_routes(service) + _object_routes(service) + _upload_routes(service),
        exception_handlers={
            StorageError: _respond,
            ClientDisconnect: _nobody_listens,
            HTTPException: _unknown,
        },
    )
    app.router.redirect_slashes = False
    encoded = _EncodedPaths(app)
    app.router.routes.append(_route("/batch/storage/v1", "POST", Batches(encoded).run))
    return encoded


def _bucket_routes(service: Service) -> list[Route]:
    buckets = BucketEndpoints(service)
    return [
        _route("/storage/v1/b", "GET", buckets.list),
        _route("/storage/v1/b", "POST", buckets.insert),
        _route(_BUCKET, "GET", buckets.get),
        _route(_BUCKET, "PATCH", buckets.patch),
        _route(_BUCKET, "PUT", buckets.update),
        _route(_BUCKET, "DELETE", buckets.delete),
    ]


def _object_routes(service: Service) -> list[Route]:
    objects, copies = ObjectEndpoints(service), Copies(service)
    return [
        _route(_BUCKET + "/o", "GET", objects.list),
        _route(_OBJECT, "GET", objects.get),
        _route(_OBJECT, "PATCH", objects.patch),
        _route(_OBJECT, "PUT", objects.update),
        _route(_OBJECT, "DELETE", objects.delete),
        _route("/download" + _OBJECT, "GET", objects.content),
        _route(_OBJECT + "/compose", "POST", Compositions(service).compose),
        _route(_OBJECT + "/copyTo/b/{to_bucket}/o/{to_object}", "POST", copies.copy),
        _route(_OBJECT + "/rewriteTo/b/{to_bucket}/o/{to_object}", "POST", copies.rewrite),
        _route(_OBJECT + "/moveTo/o/{to_object}", "POST", copies.move),
    ]


def _upload_routes(service: Service) -> list[Route]:
    uploads, resumable = Uploads(service), ResumableUploads(service)
    kinds: dict[str, Endpoint] = {
        "media": uploads.media,
        "multipart": uploads.multipart,
        "resumable": resumable.begin,
    }

    async def insert(request: Request) -> Response:
        if "upload_id" in request.query_params:
            return await resumable.proceed(request)
        kind = request.query_params.get("uploadType", "")
        if kind not in kinds:
            raise invalid(f"uploadType={kind!r} is none of {', '.join(kinds)}")
        return await kinds[kind](request)

    path = "/upload" + _BUCKET + "/o"
    return [
        _route(path, "POST", insert),
        _route(path, "PUT", resumable.proceed),
        _route(path, "DELETE", resumable.cancel),
    ]


def _route(path: str, method: str, endpoint: Endpoint) -> Route:
    async def admitted(request: Request) -> Response:
        for header in request.headers:
            if header.startswith(_REFUSED_HEADERS):
                raise unimplemented(f"{header} header")
        if method != "GET":
            refuse_etags(request.headers)
        return await endpoint(request)

    return Route(path, admitted, methods=[method])


class _EncodedPaths:
    """Routes on the path as it was sent: an object name may hold any number of encoded slashes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["raw_path"].decode("ascii")}
        await self._app(scope, receive, send)


async def _respond(_: Request, error: Any) -> Response:
    return respond(error)


async def _unknown(request: Request, _: Any) -> Response:
    """The router's own 404 and 405: no such path or method here."""
    return respond(unimplemented(f"{request.method} {request.url.path}"))


async def _nobody_listens(_: Request, __: Any) -> Response:
    return Response(status_code=HTTPStatus.BAD_REQUEST)
