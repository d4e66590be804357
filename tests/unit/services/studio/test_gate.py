"""The gate in front of an application that says who it was told looks, over real sockets."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from headrace.adapters.tokens import GoogleTokens
from services.studio.gate import ASSERTION, HEALTH, Gate
from services.studio.signing_in import LONGEST_ASSERTION, PERSON, signed_in
from tests.unit.services.studio.iap import AUDIENCE, Signer, publishing

IAP, STRANGER = Signer("iap-1"), Signer("iap-1")


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with every header that says who looks."""
    told = b",".join(value for name, value in scope["headers"] if name == PERSON.encode()) or b"nobody"
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": told.decode()})


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="websockets-sansio"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with publishing(IAP) as keys:
        tokens = GoogleTokens(keys, "ES256")
        with serving(Gate(who, email=signed_in(lambda: tokens, AUDIENCE))) as url:
            yield url


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    with serving(Gate(who, only_here=True)) as url:
        yield url


def look(url: str, assertion: str, **headers: str) -> requests.Response:
    given = {ASSERTION: assertion} if assertion else {}
    return requests.get(f"{url}/models", headers={**given, **headers}, timeout=10)


def stream(url: str, **headers: str) -> str:
    with connect(f"{url.replace('http', 'ws')}/_stcore/stream", additional_headers=headers) as websocket:
        return str(websocket.recv(timeout=10))


def seconds(later: int) -> int:
    return int(time.time()) + later


def test_who_the_proxy_vouches_for_is_let_in_and_named_to_the_script(guarded: str) -> None:
    assert look(guarded, IAP.assertion()).text == "ada@example.com"
    assert stream(guarded, **{ASSERTION: IAP.assertion(email="bo@example.com")}) == "bo@example.com"


def test_a_name_that_comes_from_outside_is_taken_away(guarded: str) -> None:
    assert look(guarded, IAP.assertion(), **{PERSON: "root@example.com"}).text == "ada@example.com"
    assert stream(guarded, **{ASSERTION: IAP.assertion(), PERSON: "root@example.com"}) == "ada@example.com"


WRONG: list[tuple[str, Callable[[], str], str]] = [
    ("no assertion", lambda: "", "there is none"),
    ("no JWT", lambda: "abc", "not of the form header.claims.signature"),
    ("unsigned", IAP.unsigned, "its alg is 'none', and Google signs with ES256"),
    ("signed with the public key", IAP.forged, "its alg is 'HS256', and Google signs with ES256"),
    ("an RSA signature", lambda: IAP.assertion({"alg": "RS256"}), "its alg is 'RS256'"),
    ("another's signature", STRANGER.assertion, "Could not verify token signature"),
    ("changed since", lambda: IAP.assertion()[:-8] + "AAAAAAAA", "Could not verify token signature"),
    ("an unknown key", Signer("mine").assertion, "the key 'mine', which is none of Google's"),
    ("expired", lambda: IAP.assertion(iat=seconds(-700), exp=seconds(-60)), "Token expired"),
    ("not yet valid", lambda: IAP.assertion(iat=seconds(600)), "Token used too early"),
    ("no expiry", lambda: IAP.assertion(exp=None), "exp"),
    ("another's issuer", lambda: IAP.assertion(iss="https://accounts.google.com"), "its iss is"),
    ("no issuer", lambda: IAP.assertion(iss=None), "its iss is None"),
    ("another service's", lambda: IAP.assertion(aud=AUDIENCE.replace("studio", "other")), f"not {AUDIENCE!r}"),
    ("a list of audiences", lambda: IAP.assertion(aud=[AUDIENCE]), "its aud is ['/projects"),
    ("no e-mail", lambda: IAP.assertion(email=None), "its email is None"),
    ("huge", lambda: "a" * (LONGEST_ASSERTION + 1), f"it has {LONGEST_ASSERTION + 1} bytes"),
]


@pytest.mark.parametrize(("assertion", "words"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_anybody_else_is_refused_with_a_sentence(guarded: str, assertion: Callable[[], str], words: str) -> None:
    answer = look(guarded, assertion())
    assert (answer.status_code, words in answer.text) == (401, True), answer.text
    assert answer.text.startswith("people sign in through Identity-Aware Proxy")


@pytest.mark.parametrize("assertion", ["", "forged", "expired"])
def test_a_websocket_is_refused_before_it_is_opened(guarded: str, assertion: str) -> None:
    shown = {"": "", "forged": IAP.forged(), "expired": IAP.assertion(exp=seconds(-60))}[assertion]
    with pytest.raises(InvalidStatus) as refused:
        stream(guarded, **({ASSERTION: shown} if shown else {}))
    assert refused.value.response.status_code == 401
    assert b"Identity-Aware Proxy" in (refused.value.response.body or b"")


def test_two_assertions_are_none(guarded: str) -> None:
    with (
        pytest.raises(InvalidStatus),
        connect(
            f"{guarded.replace('http', 'ws')}/_stcore/stream",
            additional_headers=[(ASSERTION, IAP.assertion()), (ASSERTION, IAP.assertion(email="bo@example.com"))],
        ),
    ):
        pass


def test_the_health_check_alone_needs_no_assertion(guarded: str) -> None:
    assert requests.get(guarded + HEALTH, timeout=10).status_code == 200
    for near in (f"{HEALTH}/", f"{HEALTH}x", "/_stcore/host-config", "/", "/_stcore/metrics"):
        assert requests.get(guarded + near, timeout=10).status_code == 401


def test_while_the_keys_are_not_to_be_had_people_are_told_to_come_back() -> None:
    tokens = GoogleTokens("http://127.0.0.1:9/keys", "ES256")
    with serving(Gate(who, email=signed_in(lambda: tokens, AUDIENCE))) as url:
        answer = look(url, IAP.assertion())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.text == "who you are cannot be checked at the moment; load the page again in a few seconds\n"


def test_a_page_of_another_site_is_refused_and_may_not_frame_the_studio(guarded: str, here: str) -> None:
    for url in (guarded, here):
        answer = look(url, IAP.assertion(), origin="https://evil.example")
        assert (answer.status_code, answer.text) == (403, "a page of https://evil.example may not ask the studio\n")
        with pytest.raises(InvalidStatus) as refused:
            stream(url, **{ASSERTION: IAP.assertion(), "origin": "https://evil.example"})
        assert refused.value.response.status_code == 403
        assert look(url, IAP.assertion(), origin="http://[").status_code == 403
        own = look(url, IAP.assertion(), origin=url)
        assert (own.status_code, own.headers["content-security-policy"]) == (200, "frame-ancestors 'self'")


def test_a_laptops_studio_answers_to_its_own_names_alone(here: str) -> None:
    port = here.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert look(here, "", host=f"{name}:{port}").text == "nobody"
    answer = look(here, "", host=f"rebound.example:{port}")
    assert answer.status_code == 403
    assert answer.text == f"a local stack's studio answers to localhost, not to rebound.example:{port}\n"
