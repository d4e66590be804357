"""A Publish request in; drafts within Pub/Sub's limits out."""

from google.pubsub_v1.types import PublishRequest, PubsubMessage

from localcloud.pubsub.message import Draft
from localcloud.pubsub.refusals import invalid, refuse_other_fields

_MAX_REQUEST_BYTES = 10_000_000
_MAX_MESSAGES = 1000
_MAX_ATTRIBUTES = 100
_MAX_KEY_BYTES = 256
_MAX_VALUE_BYTES = 1024
_MAX_ORDERING_KEY_BYTES = 1024


def checked_drafts(request: PublishRequest) -> list[Draft]:
    """The messages to publish; INVALID_ARGUMENT when the service would refuse one of them."""
    size = PublishRequest.pb(request).ByteSize()
    if size > _MAX_REQUEST_BYTES:
        raise invalid(f"The request has {size} bytes; {_MAX_REQUEST_BYTES} are allowed. Publish fewer or smaller ones.")
    if not 1 <= len(request.messages) <= _MAX_MESSAGES:
        raise invalid(f"The request has {len(request.messages)} messages; publish 1 to {_MAX_MESSAGES} at once.")
    return [_checked(message) for message in request.messages]


def _checked(message: PubsubMessage) -> Draft:
    refuse_other_fields(message, ("data", "attributes", "ordering_key", "message_id", "publish_time"), "PubsubMessage")
    draft = Draft(message.data, dict(message.attributes), message.ordering_key)
    if not draft.data and not draft.attributes:
        raise invalid("A message must have data or at least one attribute.")
    if len(draft.attributes) > _MAX_ATTRIBUTES:
        raise invalid(f"A message has {len(draft.attributes)} attributes; {_MAX_ATTRIBUTES} are allowed.")
    if len(draft.ordering_key.encode()) > _MAX_ORDERING_KEY_BYTES:
        raise invalid(f"An ordering key has more than {_MAX_ORDERING_KEY_BYTES} bytes.")
    for key, value in draft.attributes.items():
        _check_attribute(key, value)
    return draft


def _check_attribute(key: str, value: str) -> None:
    if not key or key.startswith("goog") or len(key.encode()) > _MAX_KEY_BYTES:
        raise invalid(f"The attribute key {key[:80]!r} is empty, starts with goog or has more than 256 bytes.")
    if len(value.encode()) > _MAX_VALUE_BYTES:
        raise invalid(f"The value of attribute {key!r} has more than {_MAX_VALUE_BYTES} bytes.")
