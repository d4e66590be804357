"""Who a push is made as in; the bearer token that its receiver sees out."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

_LIFETIME = 3600
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A push subscription's service account and the audience of its tokens."""

    email: str
    audience: str

    def token(self) -> str:
        """A JWT with the claims of Google's, but not signed: no key on this machine is Google's."""
        issued = int(time.time())
        claims = {
            "aud": self.audience,
            "azp": self.email,
            "email": self.email,
            "email_verified": True,
            "exp": issued + _LIFETIME,
            "iat": issued,
            "iss": "https://accounts.google.com",
            "sub": self.email,
        }
        return f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{_segment(claims)}."


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
