import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from headrace import tracing
from headrace.adapters.tokens import LEAST_SECONDS, GoogleTokens
from headrace.bus.envelope import seal
from headrace.errors import Unauthorized, Unavailable
from headrace.events import ModelPromoted
from services.inference.access.doors import Doors
from services.inference.access.pushers import Pushers
from services.inference.service import Inference

from .fakes import FakeClock, FakePlatform, tiny
from .google import ACCOUNT, AUDIENCE, Certificates, Signer, publishing
from .running import Client, pushed, serving, until

GOOGLE, STRANGER = Signer("google-1"), Signer("google-1")


@pytest.fixture
def certificates() -> Iterator[Certificates]:
    with publishing(GOOGLE) as server:
        yield server


@pytest.fixture
def guarded(platform: FakePlatform, tmp_path: Path, certificates: Certificates) -> Iterator[Client]:
    """A service that learns of version 2 by a push, or not at all."""
    tokens = GoogleTokens(certificates.url)
    gate = Doors(pushers=Pushers(ACCOUNT, AUDIENCE, lambda: tokens))
    with serving(lambda: Inference(platform, [tiny()], tmp_path / "cache", poll=600, doors=gate)) as client:
        until(lambda: client.get("/ready").ok)
        platform.fake_registry.publish("tiny", 2)
        yield client


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The same for all who are refused, for they change nothing."""
    root = tmp_path_factory.mktemp("pushes")
    platform = FakePlatform(root / "registry")
    platform.fake_registry.publish("tiny", 1)
    with publishing(GOOGLE) as server:
        tokens = GoogleTokens(server.url)
        gate = Doors(pushers=Pushers(ACCOUNT, AUDIENCE, lambda: tokens))
        with serving(lambda: Inference(platform, [tiny()], root / "cache", poll=600, doors=gate)) as client:
            until(lambda: client.get("/ready").ok)
            platform.fake_registry.publish("tiny", 2)
            yield client


def seconds(later: int) -> int:
    """So many seconds after now, as a test runs: it may have been collected long before."""
    return int(time.time()) + later


def push(client: Client, **headers: str) -> requests.Response:
    promoted = ModelPromoted(workload="tiny", version=2, change=2, actor="test", reason="better")
    return client.post("/events", pushed(seal(promoted, "test", FakeClock().now(), tracing.parse(None))), **headers)


def test_a_push_that_google_signed_for_the_account_is_followed(guarded: Client, certificates: Certificates) -> None:
    assert certificates.asked == 0
    assert push(guarded, authorization=f"Bearer {GOOGLE.token()}").status_code == 204
    assert guarded.version() == 2
    assert push(guarded, authorization=f"bearer {GOOGLE.token(iss='accounts.google.com')}").status_code == 204
    assert certificates.asked == 1


WRONG: list[tuple[str, Callable[[], str], int, str]] = [
    ("no token", lambda: "", 401, "as a bearer: there is none"),
    ("another scheme", lambda: "Basic " + GOOGLE.token(), 401, "there is none"),
    ("no JWT", lambda: "Bearer abc", 401, "not of the form header.claims.signature"),
    ("no JSON in it", lambda: "Bearer e30.e30.e30", 401, "its alg is 'None'"),
    ("not base64", lambda: "Bearer ä.ö.ü", 401, "not of the form"),
    ("huge", lambda: "Bearer " + "a" * 9000, 401, "it has 9000 bytes"),
    ("another's signature", lambda: "Bearer " + STRANGER.token(), 401, "Could not verify token signature"),
    ("an unknown key", lambda: "Bearer " + Signer("mine").token(), 401, "the key 'mine', which is none of Google's"),
    ("alg none", lambda: "Bearer " + GOOGLE.token({"alg": "none"}), 401, "its alg is 'none'"),
    ("alg HS256", lambda: "Bearer " + GOOGLE.token({"alg": "HS256"}), 401, "its alg is 'HS256'"),
    ("alg ES256", lambda: "Bearer " + GOOGLE.token({"alg": "ES256"}), 401, "its alg is 'ES256'"),
    ("changed since", lambda: "Bearer " + GOOGLE.token()[:-8] + "AAAAAAAA", 401, "signature"),
    ("expired", lambda: "Bearer " + GOOGLE.token(iat=seconds(-7200), exp=seconds(-3600)), 401, "Token expired"),
    ("expired a minute ago", lambda: "Bearer " + GOOGLE.token(exp=seconds(-60)), 401, "Token expired"),
    ("not yet valid", lambda: "Bearer " + GOOGLE.token(iat=seconds(900)), 401, "Token used too early"),
    ("no expiry", lambda: "Bearer " + GOOGLE.token(exp=None), 401, "exp"),
    ("an expiry in words", lambda: "Bearer " + GOOGLE.token(exp="never"), 401, "not valid"),
    ("another's issuer", lambda: "Bearer " + GOOGLE.token(iss="https://evil.example"), 401, "its iss is"),
    ("no issuer", lambda: "Bearer " + GOOGLE.token(iss=None), 401, "its iss is None"),
    ("another's audience", lambda: "Bearer " + GOOGLE.token(aud="https://other.example/events"), 401, "its aud is"),
    ("audience without path", lambda: "Bearer " + GOOGLE.token(aud=AUDIENCE[:-7]), 401, f"not '{AUDIENCE}'"),
    ("audience in capitals", lambda: "Bearer " + GOOGLE.token(aud=AUDIENCE.upper()), 401, "its aud is"),
    ("a list of audiences", lambda: "Bearer " + GOOGLE.token(aud=[AUDIENCE]), 401, "its aud is ['https"),
    ("another's e-mail", lambda: "Bearer " + GOOGLE.token(email="x@gmail.com"), 403, "'x@gmail.com', which is not"),
    ("no e-mail", lambda: "Bearer " + GOOGLE.token(email=None), 403, "email is None"),
    ("an unverified e-mail", lambda: "Bearer " + GOOGLE.token(email_verified=False), 403, "email_verified is False"),
    ("verified in words", lambda: "Bearer " + GOOGLE.token(email_verified="true"), 403, "email_verified is 'true'"),
]


@pytest.mark.parametrize(("token", "status", "words"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_any_other_push_is_refused_with_a_sentence_and_not_followed(
    refusing: Client, token: Callable[[], str], status: int, words: str
) -> None:
    answer = push(refusing, **({"authorization": token().encode()} if token() else {}))  # type: ignore[arg-type]
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert refusing.version() == 1
    assert ACCOUNT not in answer.text


def test_a_clock_that_is_a_little_off_does_no_harm(guarded: Client) -> None:
    assert push(guarded, authorization=f"Bearer {GOOGLE.token(iat=seconds(5))}").status_code == 204
    assert push(guarded, authorization=f"Bearer {GOOGLE.token(exp=seconds(-3))}").status_code == 204


def test_while_googles_certificates_are_not_to_be_had_a_push_is_asked_for_again(
    guarded: Client, certificates: Certificates
) -> None:
    certificates.down = True
    answer = push(guarded, authorization=f"Bearer {GOOGLE.token()}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert guarded.version() == 1


def test_an_api_key_opens_no_event_endpoint_and_a_push_needs_none(guarded: Client) -> None:
    assert push(guarded, x_api_key="anything").status_code == 401


class _Times:
    """A clock to turn by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("headrace.adapters.tokens.monotonic", lambda: self.now)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> _Times:
    return _Times(monkeypatch)


def claims(tokens: GoogleTokens, signer: Signer) -> dict[str, Any]:
    return dict(tokens.claims(signer.token()))


def test_a_key_that_google_has_begun_to_use_is_looked_up(certificates: Certificates, times: _Times) -> None:
    tokens, newer = GoogleTokens(certificates.url), Signer("google-2")
    assert claims(tokens, GOOGLE)["email"] == ACCOUNT
    certificates.signers.append(newer)
    times.now += LEAST_SECONDS
    assert claims(tokens, newer)["email"] == ACCOUNT
    assert certificates.asked == 2


def test_made_up_keys_do_not_have_google_asked_for_each(certificates: Certificates, times: _Times) -> None:
    tokens = GoogleTokens(certificates.url)
    for _ in range(5):
        with pytest.raises(Unauthorized, match="none of Google's"):
            claims(tokens, Signer("made up"))
    assert certificates.asked == 1


def test_certificates_are_used_for_as_long_as_they_say_and_no_longer(certificates: Certificates, times: _Times) -> None:
    tokens = GoogleTokens(certificates.url)
    claims(tokens, GOOGLE)
    certificates.down = True
    times.now += 19_999
    claims(tokens, GOOGLE)
    times.now += 2
    for _ in range(3):
        with pytest.raises(Unavailable):
            claims(tokens, GOOGLE)
    assert certificates.asked == 2
    certificates.down = False
    times.now += LEAST_SECONDS
    assert claims(tokens, GOOGLE)["email"] == ACCOUNT


def test_an_unknown_key_during_an_outage_leaves_the_known_ones_usable(
    certificates: Certificates, times: _Times
) -> None:
    tokens = GoogleTokens(certificates.url)
    claims(tokens, GOOGLE)
    certificates.down = True
    times.now += LEAST_SECONDS
    with pytest.raises(Unauthorized):
        claims(tokens, Signer("unknown"))
    assert claims(tokens, GOOGLE)["email"] == ACCOUNT
