from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from headrace import apikeys, topology
from headrace.apikeys import KeysMalformed
from headrace.errors import HeadraceError
from headrace.ports import Tokens
from headrace.settings import Settings, SettingsMissing
from services.inference.access.bucket import Bucket
from services.inference.access.doors import EVENTS, OPEN, Doors, Unsafe, doors
from services.inference.access.guard import Guard
from services.inference.service import Inference

from .fakes import FakePlatform, tiny
from .running import Client, lines, serving, until

SHOP, SLOW = apikeys.fresh(), apikeys.fresh()
KEYS = apikeys.parse(f"{apikeys.entry('shop', SHOP)}\n{apikeys.entry('slow', SLOW, rate=0.2, burst=2)}")
ROW = {"a": 1, "b": 2}
LOCAL = Settings(unsigned_pushes="yes", pubsub_endpoint="127.0.0.1:8085")


@pytest.fixture
def guarded(platform: FakePlatform, tmp_path: Path) -> Iterator[Client]:
    """A service that lets in `shop`, and `slow` twice and then every five seconds."""
    with serving(lambda: Inference(platform, [tiny()], tmp_path / "cache", doors=Doors(Guard(KEYS)))) as client:
        until(lambda: client.get("/ready").ok)
        yield client


def no_tokens() -> Tokens:
    raise AssertionError("nobody pushed")


def test_a_key_lets_in_by_either_header_and_names_its_caller_in_the_log(
    guarded: Client, platform: FakePlatform
) -> None:
    assert guarded.post("/predict", ROW, x_api_key=SHOP).ok
    assert guarded.post("/predict", ROW, authorization=f"Bearer {SHOP}").ok
    assert guarded.post("/predict", ROW, authorization=f"bearer  {SLOW}").ok
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 3)
    assert [line["caller"] for line in lines(platform.fake_bus, "predictions")] == ["shop", "shop", "slow"]


def test_beside_an_identity_for_cloud_run_the_key_goes_in_its_own_header(guarded: Client) -> None:
    assert guarded.post("/predict", ROW, authorization="Bearer eyJhbGciOi.e30.c2ln", x_api_key=SHOP).ok
    assert guarded.post("/predict", ROW, authorization=f"Bearer {SHOP}", x_api_key="another").status_code == 401


@pytest.mark.parametrize("path", ["/predict", "/models/tiny/predict", "/models/tiny/feedback"])
def test_without_a_key_the_answer_says_how_to_send_one(guarded: Client, path: str) -> None:
    answer = guarded.post(path, ROW)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="headrace"')
    assert "send it as `x-api-key: KEY`" in answer.json()["error"]
    as_mlflow_says_it = guarded.post("/invocations", {"inputs": [ROW]}).json()
    assert (as_mlflow_says_it["error_code"], "x-api-key" in as_mlflow_says_it["message"]) == ("UNAUTHENTICATED", True)


@pytest.mark.parametrize(
    "given",
    [SHOP[:-1], SHOP + "x", "x", apikeys.digest(SHOP.encode()).hex(), "ä".encode()],
    ids=["cut", "longer", "short", "digest", "letters"],
)
def test_an_unknown_key_is_refused_and_not_repeated(guarded: Client, given: str, platform: FakePlatform) -> None:
    answer = guarded.post("/predict", ROW, x_api_key=given)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer realm="headrace", error="invalid_token"',
    )
    assert "not known here" in answer.json()["error"]
    assert SHOP[:8] not in answer.text
    assert guarded.post("/predict", ROW, authorization="Basic eDp5").status_code == 401


def test_a_refused_request_is_counted_under_its_workload(guarded: Client) -> None:
    guarded.post("/models/tiny/predict", ROW, x_api_key="x")
    guarded.post("/models/other/predict", ROW, x_api_key="x")
    metrics = guarded.get("/metrics").text
    assert 'headrace_requests_total{workload="tiny",api="predict",status="401"} 1\n' in metrics
    assert 'headrace_requests_total{workload="",api="unknown",status="404"} 1\n' in metrics


def test_what_watches_the_service_needs_no_key(guarded: Client) -> None:
    for path in ("/health", "/ready", "/metrics"):
        assert guarded.get(path).ok
    assert guarded.get("/models").status_code == 401


def test_beyond_its_rate_a_key_is_told_when_to_come_back_and_others_are_not_held_up(guarded: Client) -> None:
    answers = [guarded.post("/predict", ROW, x_api_key=SLOW) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 5
    assert "slow may send 0.2 requests a second, 2 at once" in answers[2].json()["error"]
    assert guarded.post("/predict", ROW, x_api_key=SHOP).ok


def test_a_body_without_a_key_is_not_waited_for(guarded: Client) -> None:
    started = monotonic()
    assert guarded.post("/predict", b" " * (4 << 20)).status_code == 401
    assert monotonic() - started < 2


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = Bucket(rate=10, burst=3, now=100.0)
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(100.0) == pytest.approx(0.1)
    assert bucket.take(100.05) == pytest.approx(0.05)
    assert bucket.take(100.1001) == 0
    taken = sum(bucket.take(200 + n / 100) == 0 for n in range(100))
    assert taken == 3 + 9


def test_a_bucket_saves_up_no_more_than_its_burst() -> None:
    bucket = Bucket(rate=10, burst=3, now=0.0)
    assert [bucket.take(1e6) == 0 for _ in range(5)] == [True, True, True, False, False]


def test_on_a_local_stack_without_keys_every_door_is_open() -> None:
    assert doors(LOCAL, no_tokens) == OPEN


def test_keys_and_the_push_account_come_from_the_settings() -> None:
    where = Settings(
        api_keys=apikeys.entry("shop", SHOP), push_account="pusher@acme.com", inference_url="https://i.example.com"
    )
    found = doors(where, no_tokens)
    assert found.guard
    assert found.pushers


def test_malformed_keys_keep_the_service_from_starting() -> None:
    with pytest.raises(KeysMalformed, match="entry 1"):
        doors(Settings(api_keys="shop", unsigned_pushes="yes", pubsub_endpoint="localhost:1"), no_tokens)


@pytest.mark.parametrize(
    ("where", "kind", "words"),
    [
        (Settings(), SettingsMissing, "set HEADRACE_PUSH_ACCOUNT to the service account that Pub/Sub pushes as"),
        (
            Settings(pubsub_endpoint="127.0.0.1:8085"),
            SettingsMissing,
            "`headrace up` sets HEADRACE_UNSIGNED_PUSHES=yes",
        ),
        (Settings(push_account="p@acme.com"), SettingsMissing, "set HEADRACE_INFERENCE_URL to this service's address"),
        (
            Settings(push_account="acme", inference_url="https://i"),
            Unsafe,
            "HEADRACE_PUSH_ACCOUNT is 'acme'; it is the",
        ),
        (Settings(unsigned_pushes="yes"), Unsafe, "PUBSUB_EMULATOR_HOST is not set; leave the switch out and"),
        (
            Settings(unsigned_pushes="yes", pubsub_endpoint="pubsub.googleapis.com:443"),
            Unsafe,
            "PUBSUB_EMULATOR_HOST is 'pubsub.googleapis.com:443', no loopback address",
        ),
        (Settings(unsigned_pushes="yes", pubsub_endpoint="10.0.0.7:8085"), Unsafe, "'10.0.0.7:8085', no loopback"),
        (
            Settings(unsigned_pushes="yes", pubsub_endpoint="127.0.0.1.evil.example:8085"),
            Unsafe,
            "'127.0.0.1.evil.example:8085', no loopback",
        ),
        (Settings(unsigned_pushes="true", pubsub_endpoint="localhost:1"), Unsafe, "HEADRACE_UNSIGNED_PUSHES is 'true'"),
        (
            Settings(unsigned_pushes="yes", push_account="p@acme.com", pubsub_endpoint="localhost:1"),
            Unsafe,
            "contradict each other",
        ),
    ],
)
def test_pushes_that_nobody_could_check_keep_the_service_from_starting(
    where: Settings, kind: type[HeadraceError], words: str
) -> None:
    with pytest.raises(kind) as found:
        doors(where, no_tokens)
    assert words in str(found.value)


def test_pushes_arrive_where_the_topology_sends_them() -> None:
    loop = topology.load(Path(__file__).parents[3] / "infra" / "topology.yaml")
    assert loop.deployables["inference"].path == EVENTS


@pytest.mark.parametrize("endpoint", ["127.0.0.1:8085", "localhost:8085", "[::1]:8085", "http://127.0.0.1:8085"])
def test_the_local_switch_works_beside_a_local_bus(endpoint: str) -> None:
    assert doors(Settings(unsigned_pushes="yes", pubsub_endpoint=endpoint), no_tokens).pushers is None
