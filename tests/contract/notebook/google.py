"""Google's token endpoint, and a service that lets in whoever shows a token of it, as Cloud Run does."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests import request

from tests.contract.loopback import answering


@dataclass
class Google:
    """Mints identity tokens that hold for `seconds`; `minted` has the audience of each token."""

    url: str = ""
    seconds: int = 3600
    minted: dict[str, str] = field(default_factory=dict)

    def mint(self) -> str:
        claims = {"exp": time.time() + self.seconds, "iat": time.time(), "number": len(self.minted)}
        parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, claims, "signed")]
        return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)

    def account(self, folder: Path) -> Path:
        """The file of a service account whose tokens come from here."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        path = folder / "account.json"
        account = {"type": "service_account", "client_email": "notebook@local.iam", "private_key": private}
        path.write_text(json.dumps({**account, "private_key_id": "1", "token_uri": f"{self.url}/token"}))
        return path


@contextmanager
def google() -> Iterator[Google]:
    """A token endpoint that believes every assertion."""
    made = Google()

    class Tokens(_Quiet):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            token = made.mint()
            made.minted[token] = sent
            self._answer(200, json.dumps({"id_token": token}).encode())

    with answering(Tokens) as made.url:
        yield made


@contextmanager
def guarded(service: str, keeper: Google, certificate: Path | None = None) -> Iterator[str]:
    """An address in front of `service` that passes on only what shows a token minted by `keeper`.

    With the file of a `certificate` and its key it is an https address.
    """

    class Door(_Quiet):
        def _pass_on(self) -> None:
            scheme, _, token = self.headers.get("authorization", "").partition(" ")
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if scheme != "Bearer" or token not in keeper.minted:
                self._answer(403, b"Your client does not have permission to get this page.")
                return
            kept = {"content-type": self.headers.get("content-type", "")}
            answer = request(self.command, service + self.path, data=body, headers=kept, timeout=30)
            self._answer(answer.status_code, answer.content, answer.headers.get("content-type", "application/json"))

        do_GET = do_POST = do_PUT = _pass_on  # noqa: N815

    with answering(Door, certificate) as url:
        yield url


def certificate(folder: Path) -> Path:
    """A file with a certificate for 127.0.0.1 and its key, which only who is told to trusts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return path


class _Quiet(BaseHTTPRequestHandler):
    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
