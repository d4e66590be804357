"""HTTP as clients really speak it: in pieces, ahead of the answer, wrongly."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from services.inference.web import connection

from .running import Client

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
