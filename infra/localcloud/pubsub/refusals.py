"""What is wrong with a request in; the status that Pub/Sub answers with out."""

from collections.abc import Collection
from typing import Any

import grpc
from google.protobuf.unknown_fields import UnknownFieldSet

from localcloud.grpcserver import StatusError


def invalid(message: str) -> StatusError:
    """The request can never succeed as it is."""
    return StatusError(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(name: str) -> StatusError:
    """The named resource does not exist."""
    return StatusError(grpc.StatusCode.NOT_FOUND, f"Resource not found (resource={name}); create it first.")


def already_exists(name: str) -> StatusError:
    """The name is taken."""
    return StatusError(grpc.StatusCode.ALREADY_EXISTS, f"Resource already exists in the project (resource={name}).")


def failed_precondition(message: str) -> StatusError:
    """The resource is not in a state that allows the request."""
    return StatusError(grpc.StatusCode.FAILED_PRECONDITION, message)


def unimplemented(field: str) -> StatusError:
    """The request asks for something that this server does not do."""
    message = f"localcloud does not implement {field}; leave it out of the request."
    return StatusError(grpc.StatusCode.UNIMPLEMENTED, message)


def unavailable() -> StatusError:
    """The server is stopping; clients come back."""
    return StatusError(grpc.StatusCode.UNAVAILABLE, "The server is stopping; try again.")


def refuse_other_fields(resource: Any, supported: Collection[str], where: str) -> None:
    """Raise UNIMPLEMENTED naming the first field that is set on proto-plus `resource` and not in `supported`."""
    message = type(resource).pb(resource)
    for field, _ in message.ListFields():
        if field.name not in supported:
            raise unimplemented(f"{where}.{field.name}")
    for field in UnknownFieldSet(message):
        raise unimplemented(f"field {field.field_number} of {where}")
