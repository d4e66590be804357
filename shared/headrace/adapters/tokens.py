"""A token that claims to be Google's in; what it says, once its signature and its times hold, out."""

import logging
import re
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

import requests
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError

from headrace.errors import Unauthorized, Unavailable

log = logging.getLogger("headrace.tokens")

CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
"""Google's certificates as PEM by key id."""

IAP_KEYS = "https://www.gstatic.com/iap/verify/public_key"
"""The public keys of Identity-Aware Proxy, which signs with ES256, as PEM by key id."""

SKEW_SECONDS = 10
LEAST_SECONDS = 10.0
"""Between two looks at the certificates: whoever makes up key ids must not make us ask Google for each."""

USUAL_SECONDS, LONGEST_SECONDS = 3600.0, 86400.0
TIMEOUT_SECONDS = 3
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class GoogleTokens:
    """Tokens signed with `algorithm`, checked against `certificates` or keys, which are kept as long as they say."""

    def __init__(self, certificates: str = CERTIFICATES, algorithm: str = "RS256") -> None:
        self._url, self._algorithm = certificates, algorithm
        self._known: Mapping[str, str] = {}
        self._until = self._next = 0.0
        self._lock = threading.Lock()

    def claims(self, token: str) -> Mapping[str, Any]:
        """What the token says. Raises Unauthorized; Unavailable when Google's certificates cannot be had."""
        certificate = self._certificate(_key_id(token, self._algorithm))
        try:
            found: Mapping[str, Any] = jwt.decode(token, certs=certificate, clock_skew_in_seconds=SKEW_SECONDS)
        except (GoogleAuthError, ValueError, TypeError) as error:
            raise Unauthorized(f"it is not valid: {error}") from error
        return found

    def _certificate(self, key: str) -> str:
        with self._lock:
            now = monotonic()
            if (now >= self._until or key not in self._known) and now >= self._next:
                self._next = now + LEAST_SECONDS
                self._fetch(now)
            if now >= self._until:
                raise Unavailable(f"the certificates at {self._url} were not to be had a moment ago")
            if key not in self._known:
                raise Unauthorized(f"it is signed with the key {key[:60]!r}, which is none of Google's")
            return self._known[key]

    def _fetch(self, now: float) -> None:
        try:
            answer = requests.get(self._url, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
            self._known = {str(key): str(certificate) for key, certificate in answer.json().items()}
        except (requests.RequestException, ValueError, AttributeError) as error:
            if now >= self._until:
                raise Unavailable(f"Google's certificates were not to be had at {self._url}: {error}") from error
            log.warning("the certificates known so far go on being used: %s", error)
            return
        said = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        self._until = now + min(float(said[1]) if said else USUAL_SECONDS, LONGEST_SECONDS)


def _key_id(token: str, algorithm: str) -> str:
    """Which key signed the token, by its own account. Raises Unauthorized for what Google does not make."""
    try:
        header = jwt.decode_header(token)
    except (GoogleAuthError, ValueError, RecursionError) as error:
        raise Unauthorized("it is not of the form header.claims.signature") from error
    if header.get("alg") != algorithm:
        raise Unauthorized(f"its alg is {str(header.get('alg'))[:60]!r}, and Google signs with {algorithm}")
    return str(header.get("kid"))
