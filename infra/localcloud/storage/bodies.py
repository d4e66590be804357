"""A request in; its JSON body out, and its answer limited to the fields asked for."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from localcloud.storage.errors import invalid
from localcloud.storage.fieldmask import masked
from localcloud.storage.records import JSON

_MAX_BYTES = 4 * 1024 * 1024


async def raw_body(request: Request, limit: int = _MAX_BYTES) -> bytes:
    """The body, of at most `limit` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise invalid(
                f"the body of {request.method} {request.url.path} is over {limit} bytes; it should be metadata"
            )
    return body


async def json_body(request: Request) -> JSON:
    """The JSON object sent; an absent body is an empty one."""
    body = await raw_body(request)
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise invalid(f"the body is not JSON: {error}") from None
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise invalid(f"the body must be a JSON object, not {type(parsed).__name__}")
    return parsed


def reply(request: Request, resource: JSON) -> Response:
    """The resource as JSON, with the parts that the `fields` parameter names."""
    mask = request.query_params.get("fields")
    return JSONResponse(masked(resource, mask) if mask else resource)
