"""A delivery in; the headers and body of its push out."""

import base64
import json
import re
from typing import Any

from localcloud.pubsub.message import Delivery, Message
from localcloud.pubsub.targets import PushTarget

_AGENT = {"User-Agent": "CloudPubSub-Google"}
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FRAMING = {"host", "content-length", "transfer-encoding", "connection"}
"""Headers that say how the request itself is sent."""


def push_request(
    target: PushTarget, subscription: str, delivery: Delivery, *, show_attempt: bool
) -> tuple[dict[str, str], bytes]:
    """Headers and body; `show_attempt` adds the delivery attempt to a wrapped message."""
    if target.wrapped:
        headers, body = _AGENT | {"Content-Type": "application/json"}, _wrapped(subscription, delivery, show_attempt)
    else:
        headers, body = _AGENT | {"Content-Type": "application/octet-stream"}, delivery.message.data
        if target.write_metadata:
            headers = _overridden(headers, _metadata(subscription, delivery.message))
    if target.identity:
        headers["Authorization"] = f"Bearer {target.identity.token()}"
    return headers, body


def _wrapped(subscription: str, delivery: Delivery, show_attempt: bool) -> bytes:
    message = delivery.message
    # The service writes the id and the time twice, for readers of both spellings.
    fields: dict[str, Any] = {
        "messageId": str(message.id),
        "message_id": str(message.id),
        "publishTime": message.publish_time,
        "publish_time": message.publish_time,
        "data": base64.b64encode(message.data).decode(),
    }
    if message.attributes:
        fields["attributes"] = message.attributes
    if message.ordering_key:
        fields["orderingKey"] = message.ordering_key
    body: dict[str, Any] = {"message": fields, "subscription": subscription}
    if show_attempt:
        body["deliveryAttempt"] = delivery.attempt
    return json.dumps(body).encode()


def _metadata(subscription: str, message: Message) -> dict[str, str]:
    headers = {key: _one_line(value) for key, value in message.attributes.items() if _is_header(key)}
    headers["x-goog-pubsub-subscription-name"] = subscription
    headers["x-goog-pubsub-message-id"] = str(message.id)
    headers["x-goog-pubsub-publish-time"] = message.publish_time
    if message.ordering_key:
        headers["x-goog-pubsub-ordering-key"] = message.ordering_key
    return headers


def _overridden(headers: dict[str, str], by: dict[str, str]) -> dict[str, str]:
    names = {name.lower() for name in by}
    return {name: value for name, value in headers.items() if name.lower() not in names} | by


def _is_header(key: str) -> bool:
    return bool(_HEADER_NAME.fullmatch(key)) and key.lower() not in _FRAMING


def _one_line(text: str) -> str:
    """Without the control characters that would end a header."""
    return "".join(letter for letter in text if letter.isprintable())
