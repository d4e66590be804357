"""A server that speaks MLflow's protocol and refuses webhooks for a while in; the webhook, registered, out."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from services.mlflow import webhooks
from tests.contract.loopback import answering

HOOK = "https://hook.example/"
REFUSED = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Cannot resolve Webhook URL hostname: 'hook.example'"}


class Server:
    """Keeps the webhook that it is told, after so many checks of its health and so many webhooks that it refuses."""

    def __init__(self) -> None:
        self.url = ""
        self.unwell = self.refusals = 0
        self.webhooks: list[dict[str, object]] = []


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                made.unwell -= 1
                self._answer({}, 200 if made.unwell < 0 else 503)
            else:
                self._answer({"webhooks": made.webhooks})

        def do_POST(self) -> None:
            self._keep({"webhook_id": "w"})

        def do_PATCH(self) -> None:
            self._keep(made.webhooks[-1])

        def _keep(self, webhook: dict[str, object]) -> None:
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            made.refusals -= 1
            if made.refusals >= 0:
                self._answer(REFUSED, 400)
                return
            made.webhooks = [{**webhook, **told}]
            self._answer({"webhook": made.webhooks[0]})

        def _answer(self, answer: object, status: int = 200) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with answering(Handler) as url:
        made.url = url
        yield made


def test_a_webhook_that_mlflow_refuses_is_tried_again_after_longer_and_longer_rests_until_it_is_registered(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhooks, "REST_SECONDS", (0.01, 0.03))
    server.unwell, server.refusals = 1, 4
    with caplog.at_level(logging.INFO, "headrace.mlflow"):
        webhooks.register(server.url, HOOK, "secret")
    (webhook,) = server.webhooks
    assert (webhook["name"], webhook["url"], webhook["secret"]) == (webhooks.NAME, HOOK, "secret")
    *refused, registered = caplog.records
    assert [record.levelname for record in refused] == ["ERROR"] * 4
    rests = ("0.01", "0.02", "0.03", "0.03")
    assert [record.getMessage() for record in refused] == [
        f"webhook headrace-registry-hook is not registered, which is tried again in {rest} s: "
        "INVALID_PARAMETER_VALUE: Cannot resolve Webhook URL hostname: 'hook.example'"
        for rest in rests
    ]
    assert registered.getMessage() == f"webhook headrace-registry-hook calls {HOOK}"


def test_a_webhook_that_is_there_is_brought_up_to_date(server: Server) -> None:
    webhooks.register(server.url, "https://before.example/", "before")
    webhooks.register(server.url, HOOK, "secret")
    (webhook,) = server.webhooks
    assert (webhook["webhook_id"], webhook["url"], webhook["secret"]) == ("w", HOOK, "secret")
