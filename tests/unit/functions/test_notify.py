import pytest

from functions.notify.main import TOLD, notify
from functions.notify.wording import sentence
from headrace.bus.envelope import unseal_message
from headrace.errors import Busy
from headrace.events import DataSuspected, DriftDetected, DriftRefused, Event, ModelPromoted, ModelRejected
from tests import samples
from tests.fakes import FakePlatform, together

PROMOTED = ModelPromoted(workload="loan_default", version=7, change=3, actor="evaluator", reason="auc +0.0121")


def sample(kind: type[Event]) -> Event:
    fact = unseal_message(samples.load(f"events/{kind.topic()}").data["message"]).fact
    assert isinstance(fact, Event)
    return fact


def test_people_are_told_once_however_often_the_event_comes(platform: FakePlatform) -> None:
    for _ in range(5):
        notify(PROMOTED, platform)
    assert [told.event for told in platform.people.told] == [PROMOTED.id]


def test_people_are_told_once_by_five_deliveries_at_once(platform: FakePlatform) -> None:
    results = together(5, lambda: notify(PROMOTED, platform))
    assert len(platform.people.told) == 1
    assert all(result == () or isinstance(result, Busy) for result in results)


def test_people_are_told_again_of_another_event(platform: FakePlatform) -> None:
    notify(PROMOTED, platform)
    notify(PROMOTED.model_copy(update={"change": 4}), platform)
    assert len(platform.people.told) == 2


def test_a_message_that_did_not_get_out_is_sent_when_the_event_comes_again(platform: FakePlatform) -> None:
    def away() -> None:
        raise ConnectionError("nobody is there")

    platform.people.before = away
    with pytest.raises(ConnectionError):
        notify(PROMOTED, platform)
    platform.people.before = lambda: None
    notify(PROMOTED, platform)
    assert len(platform.people.told) == 1


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_the_message_names_the_workload_and_gives_the_reason(kind: type[Event]) -> None:
    fact = sample(kind)
    text = sentence(fact)
    assert text.startswith("loan_default: ")
    assert fact.wire not in text
    said = fact.model_dump()
    for field in ("reason", "source", "candidate", "report", "version"):
        assert str(said.get(field, "")) in text


def test_a_promotion_comes_with_the_command_that_takes_it_back() -> None:
    assert sentence(PROMOTED) == (
        "loan_default: version 7 is champion (auc +0.0121). `headrace rollback loan_default` takes it back."
    )


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (DriftDetected, "`headrace pause`"),
        (DriftRefused, "`headrace retrain loan_default --dataset 77c1e0b54d9a2f38`"),
        (DataSuspected, "`headrace check`"),
    ],
)
def test_what_a_drift_check_finds_comes_with_its_report_and_the_command_that_answers_it(
    kind: type[Event], command: str
) -> None:
    text = sentence(sample(kind))
    assert command in text
    assert " https://storage.cloud.google.com/acme-mlops-store/reports/loan_default/5b0f3c9e1a27/report.html." in text


def test_every_reason_of_a_rejection_is_given() -> None:
    text = sentence(ModelRejected(workload="loan_default", version=8, reasons=("too slow", "too weak")))
    assert text == "loan_default: version 8 was not promoted: too slow; too weak"
