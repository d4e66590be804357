"""What MLflow sends to the registry's hook, as it was captured, and what the hook answers."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from headrace.events import ModelPromoted, ModelRegistered
from headrace.records import trail
from tests import samples
from tests.fakes import FakePlatform
from tests.samples import SECRET, Sample

from .conftest import Entry, post


def signed(sample: Sample, at: datetime, secret: str = SECRET) -> Sample:
    """The delivery as MLflow would have signed it at another time or with another secret."""
    delivery, timestamp = sample.headers["X-MLflow-Delivery-Id"], str(int(at.timestamp()))
    digest = hmac.digest(secret.encode(), f"{delivery}.{timestamp}.".encode() + sample.body, sha256)
    signature = "v1," + b64encode(digest).decode()
    return Sample(sample.headers | {"X-MLflow-Timestamp": timestamp, "X-MLflow-Signature": signature}, sample.body)


def webhook(platform: FakePlatform, name: str) -> Sample:
    """MLflow's delivery as it was captured; the platform's clock says that it was sent just now."""
    sample = samples.load(f"mlflow/{name}")
    platform.clock.at = datetime.fromtimestamp(int(sample.headers["X-MLflow-Timestamp"]), UTC)
    return sample


def test_registry_hook_turns_mlflows_new_version_into_an_event_in_the_trace_of_its_training(
    entry: Entry, platform: FakePlatform
) -> None:
    assert post(entry("registry_hook"), webhook(platform, "model_version.created")) == 200
    (told,) = platform.bus.received
    assert told.fact == ModelRegistered(workload="loan_default", version=1)
    assert told.trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_registry_hook_turns_mlflows_champion_alias_into_a_promotion(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.registry.set_alias("loan_default", "champion", 1)
    assert post(entry("registry_hook"), webhook(platform, "model_version_alias.created")) == 200
    (fact,) = platform.bus.facts
    assert isinstance(fact, ModelPromoted)
    assert (fact.version, fact.change, fact.actor) == (1, 1, "mlflow")


def test_registry_hook_keeps_who_removed_mlflows_alias_and_tells_nobody(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.registry.set_alias("loan_default", "champion", 1)
    assert post(entry("registry_hook"), webhook(platform, "model_version_alias.created")) == 200
    platform.registry.delete_alias("loan_default", "champion")
    before = len(platform.bus.messages)
    assert post(entry("registry_hook"), webhook(platform, "model_version_alias.deleted")) == 200
    last = trail.entries(platform.store, "loan_default")[-1]
    assert (last.what, last.before, last.version, last.by_hand) == ("champion", 1, None, True)
    assert len(platform.bus.messages) == before


@pytest.mark.parametrize("name", ["registered_model.created", "model_version_tag.set"])
def test_registry_hook_answers_204_to_what_the_loop_does_not_follow(
    name: str, entry: Entry, platform: FakePlatform
) -> None:
    assert post(entry("registry_hook"), webhook(platform, name)) == 204
    assert not platform.bus.messages


def test_registry_hook_answers_401_to_a_delivery_signed_with_another_secret(
    entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    assert post(entry("registry_hook"), signed(sample, platform.clock.now(), secret="a guess")) == 401
    assert not platform.bus.messages


def test_registry_hook_answers_401_to_a_body_that_was_changed_by_one_byte(entry: Entry, platform: FakePlatform) -> None:
    sample = webhook(platform, "model_version.created")
    forged = sample.body.replace(b'"version": "1"', b'"version": "2"')
    assert forged != sample.body
    assert post(entry("registry_hook"), Sample(sample.headers, forged)) == 401


@pytest.mark.parametrize("header", ["X-MLflow-Signature", "X-MLflow-Timestamp", "X-MLflow-Delivery-Id"])
def test_registry_hook_answers_401_to_a_delivery_that_lacks_a_header(
    header: str, entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    headers = {key: value for key, value in sample.headers.items() if key != header}
    assert post(entry("registry_hook"), Sample(headers, sample.body)) == 401


@pytest.mark.parametrize(("minutes", "answer"), [(4.9, 200), (5.1, 401), (-4.9, 200), (-5.1, 401)])
def test_registry_hook_answers_401_to_a_delivery_dated_more_than_five_minutes_from_now(
    minutes: float, answer: int, entry: Entry, platform: FakePlatform
) -> None:
    sample = webhook(platform, "model_version.created")
    platform.clock.advance(minutes=minutes)
    assert post(entry("registry_hook"), sample) == answer


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"{}", b'{"entity": "model_version", "action": "created", "data": {}}']
)
def test_registry_hook_answers_400_to_a_signed_body_that_is_no_webhook_event(
    body: bytes, entry: Entry, platform: FakePlatform
) -> None:
    headers = webhook(platform, "model_version.created").headers
    assert post(entry("registry_hook"), signed(Sample(headers, body), platform.clock.now())) == 400


def test_registry_hook_answers_500_while_the_bus_is_down_and_the_retry_is_heard(
    entry: Entry, platform: FakePlatform
) -> None:
    def down(_: object) -> None:
        raise ConnectionError("the bus is down")

    client, sample = entry("registry_hook"), webhook(platform, "model_version.created")
    platform.bus.before = down
    assert post(client, sample) == 500
    platform.bus.before = lambda _: None
    assert post(client, sample) == 200
    assert platform.bus.facts == [ModelRegistered(workload="loan_default", version=1)]


def test_a_delivery_to_registry_hook_that_is_replayed_changes_nothing(entry: Entry, platform: FakePlatform) -> None:
    platform.registry.register("loan_default", "run", "nowhere", {})
    platform.registry.set_alias("loan_default", "champion", 1)
    client, sample = entry("registry_hook"), webhook(platform, "model_version_alias.created")
    assert post(client, sample) == 200
    state = platform.store.names()
    assert [post(client, sample) for _ in range(4)] == [200] * 4
    assert platform.store.names() == state
    assert len(platform.bus.messages) == 1
