"""A webhook delivery's headers and raw body in; silence, or Unauthorized when MLflow did not sign them, out."""

import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from headrace.errors import Unauthorized

WINDOW = timedelta(minutes=5)


class Headers(Protocol):
    """Request headers, looked up whatever their case."""

    def get(self, key: str, default: str) -> str:
        """The header's value, or `default`."""


def verify(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    """Check MLflow's HMAC over delivery id, timestamp and raw body, and that it is at most five minutes old."""
    delivery, timestamp = headers.get("X-MLflow-Delivery-Id", ""), headers.get("X-MLflow-Timestamp", "")
    signed = f"{delivery}.{timestamp}.".encode() + body
    expected = "v1," + b64encode(hmac.digest(secret.encode(), signed, sha256)).decode()
    if not hmac.compare_digest(expected.encode(), headers.get("X-MLflow-Signature", "").encode()):
        raise Unauthorized("the signature is not MLflow's; set the same webhook secret on both sides")
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise Unauthorized(f"the delivery is dated {timestamp!r}, not within {WINDOW} of now")
