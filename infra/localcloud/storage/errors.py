"""What went wrong in; the error response of the Cloud Storage JSON API out."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response


class StorageError(Exception):
    """A request the server answers with an error: HTTP status, Google's reason word, and a sentence."""

    def __init__(self, status: HTTPStatus, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.headers = headers


def invalid(message: str) -> StorageError:
    """400: the request contradicts itself or the rules."""
    return StorageError(HTTPStatus.BAD_REQUEST, "invalid", message)


def unimplemented(what: str) -> StorageError:
    """501: the service knows this, the local server does not; `what` names it."""
    return StorageError(HTTPStatus.NOT_IMPLEMENTED, "notImplemented", f"the local Cloud Storage has no {what}")


def no_bucket(bucket: str) -> StorageError:
    """404 for a bucket."""
    return StorageError(HTTPStatus.NOT_FOUND, "notFound", f"the bucket {bucket!r} does not exist; create it first")


def no_object(bucket: str, name: str, generation: int | None = None) -> StorageError:
    """404 for an object, or for one generation of it."""
    which = f"No such object: {bucket}/{name}"
    suffix = f" at generation {generation}" if generation is not None else ""
    return StorageError(HTTPStatus.NOT_FOUND, "notFound", which + suffix)


def conflict(message: str) -> StorageError:
    """409: the bucket exists, or still holds objects."""
    return StorageError(HTTPStatus.CONFLICT, "conflict", message)


def respond(error: StorageError) -> Response:
    """The HTTP response for the error; 304 has no body."""
    if error.status is HTTPStatus.NOT_MODIFIED:
        return Response(status_code=error.status)
    detail = {"message": error.message, "domain": "global", "reason": error.reason}
    body = {"error": {"code": error.status.value, "message": error.message, "errors": [detail]}}
    return JSONResponse(body, error.status, error.headers)
