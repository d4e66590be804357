"""A key pair and the certificate that tells of it, as Google publishes its own; tokens signed with it."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

ACCOUNT = "pusher@acme-mlops.iam.gserviceaccount.com"
AUDIENCE = "https://inference.example.com/events"


class Signer:
    """One key of Google's."""

    def __init__(self, id: str) -> None:
        self.id = id
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def certificate(self) -> str:
        """PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """What Pub/Sub pushes with, but for the `claims` given; those that are None are left out."""
        now = int(time.time())
        usual = {
            "iss": "https://accounts.google.com",
            "aud": AUDIENCE,
            "sub": "113774264463038321964",
            "azp": "113774264463038321964",
            "email": ACCOUNT,
            "email_verified": True,
            "iat": now - 60,
            "exp": now + 3540,
        }
        payload = {name: value for name, value in (usual | claims).items() if value is not None}
        head = {"alg": "RS256", "kid": self.id, "typ": "JWT"} | (header or {})
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (head, payload))
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _encoded(signature)).decode()


class Certificates(ThreadingHTTPServer):
    """Serves the certificates of `signers` on loopback, or 503 while `down`; counts how often it was asked."""

    def __init__(self, *signers: Signer) -> None:
        self.signers = list(signers)
        self.asked = 0
        self.down = False
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.server_port}/certs"


class _Handler(BaseHTTPRequestHandler):
    server: Certificates

    def do_GET(self) -> None:
        self.server.asked += 1
        body = json.dumps({signer.id: signer.certificate for signer in self.server.signers}).encode()
        self.send_response(503 if self.server.down else 200)
        self.send_header("cache-control", "public, max-age=20000, must-revalidate")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def publishing(*signers: Signer) -> Iterator[Certificates]:
    """The signers' certificates, where they can be asked for."""
    server = Certificates(*signers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")
