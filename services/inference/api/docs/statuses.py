"""What may come of a request in; OpenAPI's responses, each with its schema, out."""

from collections.abc import Mapping
from typing import Any

from services.inference.api.docs.schemas import Schema

REFUSALS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "A key is missing, or is not one of this service's.",
    404: "Nothing of that name is here.",
    406: "The answer cannot be of a type that the client accepts.",
    413: "More was sent than one request may hold.",
    415: "The body is of a type that this model does not take.",
    422: "An instance is at fault; the sentence names its field, its value and what was expected.",
    429: "Too much waits already, or came with this key; retry-after says when to come back.",
    500: "The service failed; its log says why under the request's id.",
    503: "No model answers yet; retry-after says when to come back.",
    504: "The deadline passed before there was an answer.",
}
PREDICTING = (400, 413, 422, 429, 503, 504)
"""What refuses instances, whatever the protocol."""

_PATIENCE = (429, 503)
_REQUEST_ID = {"type": "string", "description": "Names the request in answers, in the log and in feedback."}


def answer(about: str, content: Mapping[str, Any]) -> Schema:
    """A response."""
    return {"description": about, "headers": {"x-request-id": {"schema": _REQUEST_ID}}, "content": dict(content)}


def said(about: str, schema: Schema, *refusals: int, status: int = 200, example: Any = None) -> Schema:
    """The responses of an operation that answers JSON of this schema, or refuses."""
    content: Schema = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {str(status): answer(about, {"application/json": content})} | refused(*refusals)


def refused(*statuses: int) -> Schema:
    """References to refusals; whatever is asked may fail."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted({*statuses, 500})}


def refusals() -> Schema:
    """What `refused` refers to."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {str(status): refusal(status, content) for status in REFUSALS}


def refusal(status: int, content: Mapping[str, Any]) -> Schema:
    """A refusal of this status that says so in this way."""
    response = answer(REFUSALS[status], content)
    if status in _PATIENCE:
        response["headers"]["retry-after"] = {"schema": {"type": "string", "description": "Seconds."}}
    return response
