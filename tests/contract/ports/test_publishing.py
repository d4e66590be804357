"""Publishing when Pub/Sub is slow to take a message, does not take it, or asks who publishes."""

import json
import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from headrace.adapters.pubsub import PubSub, authorized
from headrace.errors import Unauthorized, Unavailable
from headrace.ports import Message
from tests.contract.loopback import answering

from .servers import free_port, running

MESSAGE = Message("drift-checked", b"data", {"workload": "loan_default"}, "loan_default")
BROKEN_OFF = 0
GONE = {"error": {"code": 404, "message": "Resource not found (resource=drift-checked).", "status": "NOT_FOUND"}}


@dataclass
class Service:
    """Answers with the statuses that a test names, then with 200; `asked` are the paths, headers and bodies it got."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    answer: Any = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")


@contextmanager
def serving() -> Iterator[Service]:
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            made.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status = made.statuses.pop(0) if made.statuses else 200
            self.close_connection = status == BROKEN_OFF
            if not self.close_connection:
                answer = json.dumps(made.answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with answering(Handler) as made.url:
        yield made


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        yield made


@pytest.mark.parametrize("status", [BROKEN_OFF, 429, 500, 502, 503, 504])
def test_a_message_is_sent_again_until_the_service_takes_it(service: Service, status: int) -> None:
    service.statuses = [status, status]
    PubSub("acme", service.address).publish(MESSAGE)
    assert len(service.asked) == 3
    path, _, body = service.asked[-1]
    sent = json.loads(body)["messages"][0]
    assert path == "/v1/projects/acme/topics/drift-checked:publish"
    assert (b64decode(sent["data"]), sent["attributes"]) == (MESSAGE.data, MESSAGE.attributes)
    assert sent["orderingKey"] == MESSAGE.ordering_key


@pytest.mark.parametrize("status", [301, 400, 403, 404])
def test_what_the_service_will_never_take_is_told_at_once_in_its_words(service: Service, status: int) -> None:
    service.statuses, service.answer = [status], GONE
    with pytest.raises(Unavailable, match=rf"drift-checked: {status} Resource not found \(resource=drift-checked\)"):
        PubSub("acme", service.address).publish(MESSAGE)
    assert len(service.asked) == 1


def test_an_error_that_is_not_googles_json_is_told_too(service: Service) -> None:
    service.statuses, service.answer = [403], "a proxy's page"
    with pytest.raises(Unavailable, match="403 Forbidden"):
        PubSub("acme", service.address).publish(MESSAGE)


def test_a_service_that_never_takes_a_message_is_given_up_in_time(service: Service) -> None:
    service.statuses = [503] * 100
    started = time.monotonic()
    with pytest.raises(Unavailable, match="503"):
        PubSub("acme", service.address, patience=1).publish(MESSAGE)
    assert time.monotonic() - started < 3
    assert 2 < len(service.asked) < 8


def test_a_service_that_does_not_answer_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="timed out"):
            PubSub("acme", f"127.0.0.1:{mute.getsockname()[1]}", patience=1).publish(MESSAGE)
        assert time.monotonic() - started < 3


def test_a_message_waits_for_a_service_that_is_only_starting(tmp_path: Path) -> None:
    port, outcome = free_port(), list[str]()

    def publish() -> None:
        try:
            PubSub("acme", f"127.0.0.1:{port}").publish(MESSAGE)
        except Unavailable as error:
            outcome.append(str(error))

    publishing = threading.Thread(target=publish)
    publishing.start()
    time.sleep(0.3)
    with running(port, "localcloud", "pubsub", "--port", str(port), "--state", str(tmp_path)):
        publishing.join(timeout=30)
    assert "Resource not found (resource=projects/acme/topics/drift-checked)" in outcome[0]


def test_one_connection_serves_one_message_after_the_other(service: Service) -> None:
    bus = PubSub("acme", service.address)
    for _ in range(3):
        bus.publish(MESSAGE)
    assert (len(service.asked), service.connections) == (3, 1)


def test_publishing_loads_neither_grpc_nor_cryptography_where_nobody_asks_who_publishes(service: Service) -> None:
    program = f"""
import sys
from headrace.adapters.pubsub import PubSub
from headrace.ports import Message
PubSub("acme", "{service.address}").publish(Message("drift-checked", b"data"))
sys.exit(" ".join({{"grpc", "google.pubsub_v1", "google.protobuf", "cryptography"}} & {{*sys.modules}}))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.stderr.strip() == ""
    assert len(service.asked) == 1


def _account(folder: Path, tokens: str) -> Path:
    """The key file of a service account whose tokens are given out at `tokens`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "account.json"
    content = {
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "1",
        "private_key": key.private_bytes(encoding, form, serialization.NoEncryption()).decode(),
        "client_email": "publisher@acme.iam.gserviceaccount.com",
        "token_uri": tokens,
    }
    file.write_text(json.dumps(content))
    return file


def test_requests_to_google_carry_a_token_that_is_renewed_when_it_is_refused(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as tokens:
        tokens.answer = {"access_token": "a token", "expires_in": 3600, "token_type": "Bearer"}
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(_account(tmp_path, tokens.url)))
        session = authorized()
        service.statuses = [200, 200, 401]
        for _ in range(3):
            session.post(service.url, json={}, timeout=10)
        session.close()
        assert len(tokens.asked) == 2
    assert {headers["authorization"] for _, headers, _ in service.asked} == {"Bearer a token"}
    assert len(service.asked) == 4


def test_whoever_google_does_not_know_is_told_how_to_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nothing.json"))
    with pytest.raises(Unauthorized, match=r"nothing\.json.*gcloud auth application-default login"):
        PubSub("acme")
