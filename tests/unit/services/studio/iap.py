"""A key pair, and its public half as Identity-Aware Proxy publishes its own; assertions signed with it."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.contract.loopback import answering

AUDIENCE = "/projects/123456789/locations/europe-west1/services/studio"


class Signer:
    """One key of the proxy's."""

    def __init__(self, id: str) -> None:
        self.id = id
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        """PEM."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def assertion(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """What the proxy says of Ada, but for the `claims` given; those that are None are left out."""
        signed = self._unsigned({"alg": "ES256", "kid": self.id, "typ": "JWT"} | (header or {}), claims)
        numbers = decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return _joined(signed, b"".join(number.to_bytes(32, "big") for number in numbers))

    def forged(self) -> str:
        """Signed by somebody who knows the public key alone, which is taken for a password if one is not careful."""
        signed = self._unsigned({"alg": "HS256", "kid": self.id, "typ": "JWT"}, {})
        return _joined(signed, hmac.digest(self.public.encode(), signed, sha256))

    def unsigned(self) -> str:
        """Signed by nobody."""
        return _joined(self._unsigned({"alg": "none", "kid": self.id}, {}), b"")

    def _unsigned(self, header: dict[str, Any], claims: dict[str, Any]) -> bytes:
        now = int(time.time())
        usual = {
            "iss": "https://cloud.google.com/iap",
            "aud": AUDIENCE,
            "sub": "accounts.google.com:113774264463038321964",
            "email": "ada@example.com",
            "iat": now - 60,
            "exp": now + 540,
        }
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        return b".".join(_encoded(json.dumps(part).encode()) for part in (header, payload))


@contextmanager
def publishing(*signers: Signer) -> Iterator[str]:
    """Where the signers' public keys can be asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({signer.id: signer.public for signer in signers}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with answering(Handler) as url:
        yield url


def _joined(signed: bytes, signature: bytes) -> str:
    return (signed + b"." + _encoded(signature)).decode()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")
