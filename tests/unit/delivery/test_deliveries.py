"""A whole delivery, from an empty project on, and what breaks it off."""

import copy
from dataclasses import replace

import pytest

from headrace.delivery.commands import CommandFailed
from headrace.delivery.errorrate import TooManyErrors
from headrace.delivery.smoke import SmokeFailed
from headrace.delivery.steps import WAY, run
from headrace.errors import HeadraceError
from tests.unit.delivery.cloud import INFERENCE, Cloud

WHOLE = list(WAY)
UPDATE = WHOLE[WHOLE.index("build") :]
LATER = UPDATE[UPDATE.index("hold") :]


def deliver(google: Cloud, revision: str, names: list[str] = LATER) -> list[str]:
    said: list[str] = []
    run(google.delivery(revision, said), names)
    return said


def deployed(google: Cloud) -> Cloud:
    """Revision one serves."""
    deliver(google, "one", ["plan", "apply", "stage"])
    return google


def test_the_first_delivery_to_an_empty_project_ends_with_every_service_pinned(google: Cloud) -> None:
    said = deliver(google, "one", WHOLE)
    assert google.serving()[INFERENCE] == {f"{INFERENCE}-00001-one": 100}
    assert google.project["services"][INFERENCE]["tags"] == {"stable": f"{INFERENCE}-00001-one"}
    assert google.project["buckets"] == ["gs://my-project-tfstate"]
    assert any('predicts {"predictions": [0.25]}' in line for line in said)


def test_the_first_delivery_does_what_needs_another_thing_after_that_thing(google: Cloud) -> None:
    deliver(google, "one", WHOLE)
    lines = [" ".join(words) for words in google.told]
    order = [
        "gcloud services enable",
        "gcloud storage buckets create",
        "terraform -chdir=infra/bootstrap apply",
        "docker buildx build",
        "gcloud artifacts docker images scan",
        "docker push",
        "terraform -chdir=infra plan",
        "terraform -chdir=infra apply",
        "gcloud run services update-traffic",
    ]
    first = [next(n for n, line in enumerate(lines) if line.startswith(text)) for text in order]
    assert first == sorted(first)


def test_a_new_revision_gets_requests_share_by_share(google: Cloud) -> None:
    deliver(deployed(google), "two")
    old, new = google.revisions(INFERENCE)
    assert google.project["services"][INFERENCE]["history"] == [
        {old: 100},
        {new: 10, old: 90},
        {new: 50, old: 50},
        {new: 100},
        {new: 100},
    ]
    assert google.project["services"][INFERENCE]["tags"] == {"stable": new}


def test_the_new_revision_predicts_at_an_address_of_its_own_before_it_gets_a_request(google: Cloud) -> None:
    delivery = deployed(google).delivery("two")
    google.answers.asked.clear()
    run(delivery, ["hold", "plan", "apply", "stage", "smoke"])
    old, new = google.revisions(INFERENCE)
    assert google.serving()[INFERENCE] == {old: 100}
    assert ("POST", f"/{INFERENCE}/{new}/models/loan_default/predict") in google.answers.asked


def test_the_same_revision_again_changes_nothing(google: Cloud) -> None:
    before = copy.deepcopy(deployed(google).project["services"])
    assert "no service has a new revision" in deliver(google, "one")
    assert google.project["services"] == before


def test_the_traffic_of_mlflow_is_never_split(google: Cloud) -> None:
    deliver(deployed(google), "two")
    moved = {words[4] for words in google.commands("gcloud") if words[1:4] == ["run", "services", "update-traffic"]}
    assert moved == {"evaluator", INFERENCE, "studio"}


def test_a_workload_without_a_champion_is_no_reason_to_go_back(google: Cloud) -> None:
    google.answers.champion = None
    said = deliver(google, "one", WHOLE)
    assert f"{INFERENCE} has no champion yet, so nothing to predict with" in said


def test_the_studio_shows_its_page_before_it_gets_a_request(google: Cloud) -> None:
    said = deliver(google, "one", WHOLE)
    assert "studio shows its page" in said
    google.answers.ill = {"studio-00002-two"}
    with pytest.raises(SmokeFailed, match="studio shows no page"):
        deliver(google, "two")
    assert google.serving()["studio"] == {"studio-00001-one": 100}


def test_a_studio_behind_iap_asks_who_comes(google: Cloud) -> None:
    google.project["iap"] = google.answers.iap = True
    assert "studio asks people to sign in" in deliver(google, "one", WHOLE)


def test_a_studio_that_iap_does_not_guard_though_it_should_stops_the_delivery(google: Cloud) -> None:
    google.project["iap"], google.answers.open_pages = True, True
    with pytest.raises(SmokeFailed, match="studio asks nobody to sign in"):
        deliver(google, "one", WHOLE)


@pytest.mark.parametrize("step", ["docker buildx build", "docker push", "terraform -chdir=infra apply"])
def test_what_fails_before_a_revision_is_tried_leaves_the_old_one_serving(google: Cloud, step: str) -> None:
    before = deployed(google).serving()
    google.break_off(step)
    with pytest.raises(CommandFailed, match="it does not work"):
        deliver(google, "two", UPDATE)
    assert google.serving() == before


def test_a_revision_that_does_not_predict_never_gets_a_request(google: Cloud) -> None:
    before = deployed(google).serving()
    google.answers.ill = {f"{INFERENCE}-00002-two"}
    with pytest.raises(SmokeFailed, match="the model is not a model"):
        deliver(google, "two")
    assert google.serving() == before
    assert "candidate" not in google.project["services"][INFERENCE]["tags"]


@pytest.mark.parametrize("shown", ["", "none"], ids=["no key", "a wrong one"])
def test_a_service_that_asks_for_a_key_is_told_of_until_the_delivery_has_it(google: Cloud, shown: str) -> None:
    delivery = deployed(google).delivery("one")
    google.answers.key = "right"
    with pytest.raises(SmokeFailed, match=f"{INFERENCE} wants a key that it knows: set HEADRACE_API_KEY"):
        run(replace(delivery, key=shown), ["smoke"])
    run(replace(delivery, key="right"), ["smoke"])


def test_too_many_errors_give_the_old_revisions_every_request_back(google: Cloud) -> None:
    before = deployed(google).serving()
    google.project["statuses"] = [200] * 90 + [500] * 10
    with pytest.raises(TooManyErrors, match=r"10 of 100 requests .* allows 2%"):
        deliver(google, "two")
    assert google.serving() == before


def test_a_few_errors_among_many_answers_do_not_stop_a_delivery(google: Cloud) -> None:
    deployed(google).project["statuses"] = [200] * 998 + [500] * 2
    deliver(google, "two")
    assert google.serving()[INFERENCE] == {f"{INFERENCE}-00002-two": 100}


def test_a_share_that_cannot_be_given_goes_back_too(google: Cloud) -> None:
    before = deployed(google).serving()
    google.break_off("candidate=50")
    with pytest.raises(CommandFailed):
        deliver(google, "two")
    assert google.serving() == before


@pytest.mark.parametrize(
    "at", ["docker push", "terraform -chdir=infra plan", "auth print-identity-token", "candidate=10"]
)
def test_after_a_failure_the_delivery_run_again_succeeds(google: Cloud, at: str) -> None:
    deployed(google).break_off(at)
    with pytest.raises(HeadraceError):
        deliver(google, "two", UPDATE)
    google.project["broken"] = {}
    deliver(google, "two")
    assert google.serving()["evaluator"] == {"evaluator-00002-two": 100}
