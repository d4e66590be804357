"""What a page asks for, over real sockets that answer, hang or are closed."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests

from headrace.adapters import hasty
from headrace.adapters.hasty import CHANGING, REST_SECONDS, Hasty
from headrace.adapters.mlflow import MlflowRegistry
from headrace.adapters.storage import Bucket
from headrace.errors import Unavailable
from tests.contract.loopback import answering


class Clock:
    """A clock to turn by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(hasty, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def hanging() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def session(patience: float) -> requests.Session:
    made = requests.Session()
    made.mount("http://", Hasty(patience))
    return made


class _Fine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_a_server_that_hangs_is_waited_for_once_and_left_alone_for_a_while(hanging: str, clock: Clock) -> None:
    asking = session(0.1)
    with pytest.raises(requests.ConnectionError, match=r"^no answer within 0\.1 s$"):
        asking.get(hanging)
    with pytest.raises(requests.ConnectionError, match="it did not answer a moment ago"):
        session(60).get(hanging)
    clock.now += REST_SECONDS
    with pytest.raises(requests.ConnectionError, match="no answer within"):
        asking.get(hanging)


def test_what_changes_something_is_waited_for_longer(hanging: str, clock: Clock) -> None:
    with pytest.raises(requests.ConnectionError, match=rf"no answer within {0.1 * CHANGING:g} s"):
        session(0.1).post(hanging)


def test_another_server_is_asked_all_the_same(hanging: str, clock: Clock) -> None:
    asking = session(0.2)
    with pytest.raises(requests.ConnectionError):
        asking.get(hanging)
    with answering(_Fine) as url:
        assert asking.get(url).status_code == 200


def test_a_server_that_is_gone_is_asked_again_a_while_later(clock: Clock) -> None:
    asking = session(5)
    with answering(_Fine) as url:
        assert asking.get(url).ok
    with pytest.raises(requests.ConnectionError, match="it takes no connection"):
        asking.get(url)
    clock.now += REST_SECONDS
    with pytest.raises(requests.ConnectionError, match="it takes no connection"):
        asking.get(url)


def test_the_registry_and_a_bucket_fail_with_a_sentence_within_their_patience(hanging: str, clock: Clock) -> None:
    with pytest.raises(Unavailable, match=r"^MLflow did not answer at .*: no answer within 0\.1 s$"):
        MlflowRegistry(hanging, retries=3, patience=0.1).workloads()
    clock.now += REST_SECONDS
    bucket = Bucket("a-store", "a-project", hanging, patience=0.1)
    for ask in (lambda: bucket.read("x"), lambda: list(bucket.list("x")), lambda: bucket.stat("x")):
        with pytest.raises(Unavailable, match=r"^Cloud Storage failed on gs://a-store/x: "):
            ask()
