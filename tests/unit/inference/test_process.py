import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import requests

from .process import SLOW
from .running import Client, until

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _process(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    port = _free_port()
    command = [sys.executable, "-m", "tests.unit.inference.process", str(folder), str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT)
    client = Client(f"http://127.0.0.1:{port}")
    try:
        until(lambda: _is_ready(client))
        yield process, client
    finally:
        client.session.close()
        process.kill()
        process.wait()


def _is_ready(client: Client) -> bool:
    try:
        return client.get("/ready").ok
    except requests.ConnectionError:
        return False


def test_sigterm_publishes_what_was_logged_and_leaves_no_models_behind(tmp_path: Path) -> None:
    with _process(tmp_path) as (process, client):
        for number in range(20):
            assert client.post("/predict", {"a": number, "b": 2}, x_request_id=f"r-{number}").ok
        process.send_signal(signal.SIGTERM)
        process.wait(8)
    published = (tmp_path / "published").read_text().splitlines()
    assert [json.loads(line)["request_id"] for line in published] == [f"r-{number}" for number in range(20)]
    assert not list((tmp_path / "temporary").glob("headrace-models-*"))


def test_sigterm_lets_a_request_finish(tmp_path: Path) -> None:
    body = json.dumps({"a": 1, "b": 2}).encode()
    with _process(tmp_path) as (process, client):
        address = ("127.0.0.1", int(client.url.rsplit(":", 1)[1]))
        with socket.create_connection(address, timeout=5) as wire:
            wire.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:5])
            until(lambda: client.get("/health").ok)
            process.send_signal(signal.SIGTERM)
            until(lambda: not _accepts(address))
            time.sleep(0.5)  # the server has long turned to what is left to finish
            wire.sendall(body[5:])
            assert wire.recv(1000).startswith(b"HTTP/1.1 200 ")
        process.wait(8)
    assert len((tmp_path / "published").read_text().splitlines()) == 1


def test_sigterm_lets_every_request_finish_that_was_sent_ahead(tmp_path: Path) -> None:
    bodies = [json.dumps({"a": number, "b": 2}).encode() for number in range(60)]
    sent = [b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body for body in bodies]
    with _process(tmp_path, "slow") as (process, client):
        with socket.create_connection(("127.0.0.1", int(client.url.rsplit(":", 1)[1])), timeout=5) as wire:
            wire.sendall(b"".join(sent))
            answers = wire.recv(1)
            process.send_signal(signal.SIGTERM)
            answers += b"".join(iter(lambda: wire.recv(1000), b""))
        process.wait(8)
    assert answers.count(b"HTTP/1.1 200 ") == len(sent)
    assert answers.count(b"connection: close") == 1


def _ask_until_it_ends(url: str, name: str) -> tuple[list[str], list[str]]:
    """The ids of the requests that were answered, and of those that were refused, one after the other."""
    answered: list[str] = []
    refused: list[str] = []
    client = Client(url)
    for number in count():
        asked = f"{name}-{number}"
        try:
            status = client.post("/predict", {"a": number, "b": 2}, x_request_id=asked).status_code
        except requests.ConnectionError:
            break
        (answered if status == 200 else refused).append(asked)
    client.session.close()
    return answered, refused


@pytest.mark.parametrize("model", ["quick", "slow"])
def test_sigterm_under_load_answers_what_was_accepted_and_logs_what_was_answered(tmp_path: Path, model: str) -> None:
    with _process(tmp_path, model) as (process, client), ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(_ask_until_it_ends, client.url, f"client-{number}") for number in range(8)]
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(8) == -signal.SIGTERM  # as uvicorn leaves it: ended by what it was sent, when all was done
        answered, refused = ([name for each in asking for name in each.result()[part]] for part in (0, 1))
    published = (tmp_path / "published").read_text().splitlines()
    assert len(answered) > 100
    assert refused == []
    assert sorted(json.loads(line)["request_id"] for line in published) == sorted(answered)


def test_a_request_that_outlasts_the_end_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with _process(tmp_path, "slow") as (process, client), ThreadPoolExecutor(1) as threads:
        slow = threads.submit(client.post, "/predict", {"a": SLOW, "b": 2})
        until(lambda: 'headrace_in_flight{workload="tiny"} 1' in Client(client.url).get("/metrics").text)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        answer = slow.result()
        assert time.monotonic() - started < 6
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "the service is stopping" in answer.json()["error"]


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
