"""The studio as a process of its own: who is let in, whom it takes them for, when it refuses to start, how it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from services.studio.gate import ASSERTION, HEALTH
from services.studio.main import SCRIPT
from tests.flow.waiting import eventually
from tests.unit.services.studio.iap import AUDIENCE, Signer, publishing

ROOT = Path(__file__).parents[2]
IAP = Signer("iap-1")
NOWHERE = "http://127.0.0.1:9"
CLOUD = {
    "HEADRACE_PROJECT": "acme",
    "HEADRACE_REGION": "europe-west1",
    "HEADRACE_MLFLOW_URL": NOWHERE,
    "HEADRACE_INFERENCE_URL": NOWHERE,
    "STORAGE_EMULATOR_HOST": NOWHERE,
    "BATCH_EMULATOR_HOST": "127.0.0.1:9",
}
LAPTOP = CLOUD | {"PUBSUB_EMULATOR_HOST": "127.0.0.1:9"}

Running = tuple[str, subprocess.Popen[bytes]]


def started(arguments: list[str], settings: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(log.parent), "PYTHONPATH": str(ROOT), **settings}
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=out, stderr=out)


@contextmanager
def running(arguments: list[str], settings: Mapping[str, str], log: Path) -> Iterator[Running]:
    """A studio that answers, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    process = started([*arguments, "--port", port], settings, log)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: requests.get(url + HEALTH, timeout=5).ok, f"a studio; it says {log.read_text()}", within=60)
        yield url, process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("guarded") / "log"
    settings = CLOUD | {"HEADRACE_IAP_AUDIENCE": AUDIENCE, "HEADRACE_OPERATORS": "ada@example.com"}
    with publishing(IAP) as keys, running(["tests.studio.driver", "--keys", keys], settings, log) as (url, _):
        yield url


def seen(url: str, sought: str, **headers: str) -> bool:
    """Whether the page that a browser with these headers is sent says `sought`."""
    asking = BackMsg()
    asking.rerun_script.query_string = ""
    stream = f"{url.replace('http', 'ws')}/_stcore/stream"
    with connect(stream, additional_headers=headers, max_size=None) as websocket:
        websocket.send(asking.SerializeToString())
        while True:
            said = websocket.recv(timeout=60)
            assert isinstance(said, bytes)
            if sought.encode() in said:
                return True
            if ForwardMsg.FromString(said).HasField("script_finished"):
                return False


def drained(websocket: ClientConnection) -> None:
    """Read until the other side closes."""
    while True:
        websocket.recv(timeout=10)


@pytest.mark.parametrize("path", ["/", "/models", "/_stcore/host-config", "/static/js/index.js", "/_stcore/metrics"])
def test_behind_the_proxy_nothing_but_the_health_check_is_given_to_strangers(guarded: str, path: str) -> None:
    answer = requests.get(guarded + path, timeout=30)
    assert (answer.status_code, answer.text[:14]) == (401, "people sign in")
    assert requests.get(guarded + HEALTH, timeout=30).status_code == 200


def test_behind_the_proxy_a_stranger_gets_no_websocket(guarded: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        seen(guarded, "")
    assert refused.value.response.status_code == 401
    with pytest.raises(InvalidStatus):
        seen(guarded, "", **{ASSERTION: IAP.forged()})


def test_the_page_knows_who_looks_and_as_what(guarded: str) -> None:
    assert seen(guarded, "ada@example.com, operator", **{ASSERTION: IAP.assertion()})
    bo = IAP.assertion(email="bo@example.com")
    assert seen(guarded, "bo@example.com, viewer", **{ASSERTION: bo, "x-headrace-person": "ada@example.com"})
    assert not seen(guarded, "ada@example.com", **{ASSERTION: bo, "x-headrace-person": "ada@example.com"})


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ([], CLOUD, "set HEADRACE_IAP_AUDIENCE to what Identity-Aware Proxy signs for"),
        ([], CLOUD | {"HEADRACE_IAP_AUDIENCE": AUDIENCE, "HEADRACE_OPERATORS": "user:a@b.example"}, "names 'user:a@b"),
        (["--host", "0.0.0.0"], LAPTOP, "0.0.0.0 is no loopback address"),
        ([], {"HEADRACE_PROJECT": "acme"}, "set HEADRACE_REGION, HEADRACE_MLFLOW_URL, HEADRACE_INFERENCE_URL"),
    ],
    ids=["nobody signs", "no address", "a whole network", "no settings"],
)
def test_a_studio_that_would_let_in_whom_it_must_not_does_not_start_and_says_why(
    arguments: list[str], settings: Mapping[str, str], words: str, tmp_path: Path
) -> None:
    process = started(["services.studio.main", "--port", "0", *arguments], settings, tmp_path / "log")
    assert process.wait(60) == 2
    said = (tmp_path / "log").read_text()
    assert words in said
    assert "Traceback" not in said


def test_of_a_page_that_fails_people_get_a_sentence_and_the_log_the_traceback(tmp_path: Path) -> None:
    script, log = tmp_path / "app.py", tmp_path / "log"
    script.write_text('import streamlit as st\nst.title("Loop")\n{}["a secret"]\n')
    shutil.copytree(SCRIPT.parent / ".streamlit", tmp_path / ".streamlit")
    with running(["tests.studio.driver", "--script", str(script)], LAPTOP, log) as (url, _):
        assert seen(url, "This page failed (KeyError); the studio's log says how.")
        assert not seen(url, "secret")
    line = json.loads(log.read_text().splitlines()[0])
    assert (line["severity"], line["message"].splitlines()[-1]) == ("ERROR", "KeyError: 'a secret'")


def test_sigterm_ends_it_at_once_while_somebody_looks(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(["services.studio.main"], LAPTOP, log) as (url, process):
        stream = f"{url.replace('http', 'ws')}/_stcore/stream"
        with connect(stream, max_size=None) as websocket:
            asking = BackMsg()
            asking.rerun_script.query_string = ""
            websocket.send(asking.SerializeToString())
            websocket.recv(timeout=60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in (0, -signal.SIGTERM)
            with pytest.raises(ConnectionClosed):
                drained(websocket)
    assert "Traceback" not in log.read_text()
