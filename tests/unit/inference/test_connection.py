"""HTTP as clients really speak it: in pieces, ahead of the answer, wrongly."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest

from services.inference.web import bodies, connection

from .running import Client, until

ROW = json.dumps({"a": 1, "b": 2}).encode()


@contextmanager
def _wire(client: Client) -> Iterator[socket.socket]:
    host, port = client.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        yield wire


def _post(body: bytes, *headers: str, path: str = "/predict", version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "host: x", f"content-length: {len(body)}", *headers]
    return "\r\n".join((*lines, "", "")).encode() + body


def _read(wire: socket.socket, ends_with: bytes) -> bytes:
    """Everything up to `ends_with`, or to the end of the connection."""
    found = b""
    while not found.endswith(ends_with) and (part := wire.recv(65536)):
        found += part
    return found


def test_a_connection_serves_request_after_request(client: Client) -> None:
    with _wire(client) as wire:
        for _ in range(3):
            wire.sendall(_post(ROW))
            answer = _read(wire, b"}")
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"connection: keep-alive" in answer


def test_requests_sent_ahead_are_answered_in_their_order(client: Client) -> None:
    with _wire(client) as wire:
        wire.sendall(b"".join(_post(json.dumps({"a": a, "b": 0}).encode()) for a in range(20)))
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 20 or not answers.endswith(b"}"):
            answers += wire.recv(65536)
    scores = [json.loads(each.partition(b"\r\n\r\n")[2])["score"] for each in answers.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert scores == [1000.0 + a for a in range(20)]


def test_a_request_may_come_in_single_bytes(client: Client) -> None:
    with _wire(client) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in _post(ROW):
            wire.sendall(bytes([byte]))
        assert b'"score":1003.0' in _read(wire, b"}")


def test_a_body_may_come_in_chunks(client: Client) -> None:
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    with _wire(client) as wire:
        wire.sendall(head + b"".join(b"%x\r\n%b\r\n" % (1, ROW[i : i + 1]) for i in range(len(ROW))) + b"0\r\n\r\n")
        assert b'"score":1003.0' in _read(wire, b"}")


def test_a_client_that_asks_first_is_told_to_go_on_or_not_to(client: Client) -> None:
    asked = _post(ROW, "expect: 100-continue")
    with _wire(client) as wire:
        wire.sendall(asked.removesuffix(ROW))
        assert wire.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(ROW)
        assert b'"score":1003.0' in _read(wire, b"}")
    with _wire(client) as wire:
        wire.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\nexpect: 100-continue\r\n\r\n")
        assert wire.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_who_asks_to_close_is_closed_after_the_answer(client: Client) -> None:
    for sent in (_post(ROW, "connection: close"), _post(ROW, version="1.0")):
        with _wire(client) as wire:
            wire.sendall(sent)
            answer = _read(wire, b"never")
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in answer


def test_an_unwanted_body_is_read_to_its_end_when_it_is_small(client: Client) -> None:
    with _wire(client) as wire:
        wire.sendall(_post(b"x" * 1000, path="/nowhere") + _post(ROW))
        answers = b""
        while b'"score":1003.0' not in answers:
            answers += wire.recv(65536)
        assert answers.startswith(b"HTTP/1.1 404 ")


def test_an_upgrade_is_not_taken_and_the_request_answered(client: Client) -> None:
    with _wire(client) as wire:
        wire.sendall(_post(ROW, "connection: upgrade", "upgrade: h2c"))
        assert b'"score":1003.0' in _read(wire, b"}")


def test_head_has_the_headers_of_get_and_no_body(client: Client) -> None:
    with _wire(client) as wire:
        wire.sendall(b"HEAD /health HTTP/1.1\r\nhost: x\r\n\r\nGET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        answers = _read(wire, b"}")
    first, second = answers.split(b"HTTP/1.1 ")[1:]
    assert b"content-length: 15" in first
    assert first.endswith(b"\r\n\r\n")
    assert second.endswith(b'{"status":"ok"}')


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\ncontent-length: many\r\n\r\n", b"400"),
        (b"POST /predict HTTP/1.1\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * connection.MOST_HEADER_BYTES + b"\r\n\r\n", b"431"),
        (b"GET /" + b"y" * connection.MOST_HEADER_BYTES + b" HTTP/1.1\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_answered_and_the_connection_closed(client: Client, sent: bytes, status: bytes) -> None:
    with _wire(client) as wire:
        wire.sendall(sent)
        answer = _read(wire, b"never")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'"error":"' in answer
    assert client.get("/health").ok


def test_a_request_that_never_ends_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.3)
    with _wire(client) as wire:
        wire.sendall(_post(ROW)[:-5])
        assert _read(wire, b"never").startswith(b"HTTP/1.1 408 ")


def _answered(client: Client, api: str) -> int:
    """How many requests of that kind were answered."""
    counted = re.findall(rf'headrace_requests_total{{.*api="{api}".*}} (\d+)', client.get("/metrics").text)
    return sum(map(int, counted))


def test_who_reads_no_answer_gets_no_more_of_them(client: Client) -> None:
    page, sent = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n", 2000
    size = len(client.get("/openapi.json").content)
    before = _answered(client, "openapi")
    with _wire(client) as wire:
        sender = Thread(target=wire.sendall, args=(page * sent,), daemon=True)
        sender.start()
        until(lambda: _answered(client, "openapi") > before)
        settled = -1
        while settled != (settled := _answered(client, "openapi")):
            time.sleep(0.3)
        assert settled - before < sent / 2
        found = 0
        while found < sent * size:
            found += len(wire.recv(1 << 20))
        sender.join()
        until(lambda: _answered(client, "openapi") == before + sent)


def _ask_for_ever(wire: socket.socket) -> None:
    while True:
        wire.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 1000)


def test_who_never_reads_is_cut_off(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(connection, "REQUEST_SECONDS", 0.3)
    with _wire(client) as wire, pytest.raises(ConnectionError):
        _ask_for_ever(wire)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health HTTP/1.1\r\n" + b"".join(b"x%d: %030d\r\n" % (n, n) for n in range(5000)) + b"\r\n", 431),
        (
            b"POST /nowhere HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n10000\r\n"
            + b"z" * 65536
            + b"\r\n"
            + b"1\r\nz\r\n" * 5000
            + b"0\r\n\r\n",
            404,
        ),
    ],
    ids=["headers", "chunks"],
)
def test_what_is_refused_is_refused_once(client: Client, sent: bytes, status: int) -> None:
    with _wire(client) as wire:
        wire.sendall(sent)
        answers = _read(wire, b"never")
    assert answers.count(b"HTTP/1.1 ") == answers.count(b"HTTP/1.1 %d " % status) == 1


def test_what_comes_behind_a_body_is_no_header_of_its_request(client: Client) -> None:
    behind = b"content-type: text/weird\r\nx-request-timeout: -1\r\nx-request-id: mine\r\n"
    with _wire(client) as wire:
        wire.sendall(
            b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n%b\r\n"
            % (len(ROW), ROW, behind)
        )
        answer = _read(wire, b"}")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"x-request-id: mine" not in answer


def _holds(client: Client, size: int) -> bool:
    return f"\nheadrace_held_body_bytes {size}\n" in client.get("/metrics").text


def test_large_bodies_are_held_up_to_a_bound(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 3 << 20)
    body = json.dumps([{"a": 1, "b": 2}] * 100).encode().ljust(2 << 20)
    with _wire(client) as first:
        first.sendall(_post(body)[:-1])
        until(lambda: _holds(client, len(body) - 1))
        refused = client.post("/predict", body)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert "hold more than 3 MiB" in refused.json()["error"]
        assert client.post("/predict", ROW).ok
        first.sendall(body[-1:])
        assert _read(first, b"}").startswith(b"HTTP/1.1 200 ")
        assert _holds(client, 0)
        assert client.post("/predict", body).ok


def test_nothing_is_held_of_who_leaves_or_sends_too_much(client: Client) -> None:
    body = json.dumps([{"a": 1, "b": 2}] * 100).encode().ljust(2 << 20)
    with _wire(client) as leaves:
        leaves.sendall(_post(body) + _post(body) + _post(body)[:-1])
        until(lambda: not _holds(client, 0))
    until(lambda: _holds(client, 0))
    endless = b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + b"100000\r\n"
    with _wire(client) as sends:
        sends.sendall(endless + b"z" * (1 << 20))
        until(lambda: _holds(client, 1 << 20))
        sends.sendall((b"\r\n100000\r\n" + b"z" * (1 << 20)) * 8)
        assert _read(sends, b"never").startswith(b"HTTP/1.1 413 ")
    assert _holds(client, 0)


def test_paths_are_taken_with_escapes_queries_and_hosts(client: Client) -> None:
    for path in ("/%70redict", "/predict?x=1", "http://elsewhere/predict"):
        with _wire(client) as wire:
            wire.sendall(_post(ROW, path=path))
            assert b'"score":1003.0' in _read(wire, b"}")


def test_large_answers_arrive_whole(client: Client) -> None:
    host, port = client.url.removeprefix("http://").split(":")
    caller = HTTPConnection(host, int(port), timeout=10)
    caller.request("POST", "/predict", json.dumps([{"a": 1, "b": 2}] * 2000))
    assert len(json.loads(caller.getresponse().read())["predictions"]) == 2000
    caller.close()
