"""The platform's own client of the inference service, against a real one: answers, refusals, who it shows it is."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from headrace.adapters.inference import Inference, Refused
from headrace.errors import NotFound, Rejected, Unauthorized, Unavailable
from headrace.images import from_base64, grey, opened, png, rgb
from headrace.settings import Settings
from tests.contract.notebook.google import certificate, google, guarded
from tests.unit.inference.running import Client
from tests.unit.services.studio.models import answering

SCENE = np.random.default_rng(1).integers(0, 256, (300, 320), np.uint8)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with answering(tmp_path_factory.mktemp("asking"), "loan_default", "cats_dogs", "sar_colorization") as client:
        yield client


@pytest.fixture
def inference(client: Client) -> Inference:
    return Inference(Settings(inference_url=client.url))


def test_an_instance_a_list_and_a_file_are_answered(inference: Inference) -> None:
    one = inference.predict("loan_default", {"loan_amnt": 30_000})
    assert (one.said["label"], one.said["version"]) == ("charged_off", 1)
    assert one.seconds > 0
    assert len(inference.predict("loan_default", [{"loan_amnt": 1}] * 3).said["predictions"]) == 3
    photo = ("a.png", png(np.full((20, 20, 3), 250, np.uint8)))
    assert inference.predict_file("cats_dogs", "image", photo).said["label"] == "dog"


def test_a_scene_comes_back_as_a_picture_whatever_is_said_of_its_tiles(inference: Inference) -> None:
    sent = ("scene.png", png(SCENE))
    for said in ({}, {"overlap": 192, "blend": False}):
        drawn = inference.draw("sar_colorization", "image", sent, said)
        assert np.array_equal(rgb(opened(drawn.png))[:, :, 0], SCENE)
        assert (drawn.version, drawn.alias) == ("1", "champion")
        assert drawn.request_id
    with pytest.raises(Refused, match="overlap: 500 is no whole number from 0 to 192"):
        inference.draw("sar_colorization", "image", sent, {"overlap": 500})


def test_a_loaded_version_is_asked_by_its_number_and_another_is_not_found(inference: Inference) -> None:
    assert inference.predict("loan_default", {"loan_amnt": 1}, version=1).said["version"] == 1
    drawn = inference.draw("sar_colorization", "image", ("a.png", png(SCENE)), {}, version=1)
    assert grey(from_base64(drawn.png)).shape == SCENE.shape
    with pytest.raises(NotFound, match="version '7' of loan_default is not loaded; there is 1"):
        inference.predict("loan_default", {"loan_amnt": 1}, version=7)


def test_feedback_is_taken_and_counted(inference: Inference) -> None:
    asked = inference.predict("loan_default", {"loan_amnt": 1}).said
    said = {"request_id": asked["request_id"], "label": "fully_paid"}
    assert inference.feed_back("loan_default", [said]) == 1
    assert inference.fed_back("loan_default")["labels"] == {"fully_paid": 1}


def test_what_is_refused_is_the_services_sentence(inference: Inference) -> None:
    with pytest.raises(Refused, match="loan_amnt: 'x' is not a number"):
        inference.predict("loan_default", {"loan_amnt": "x"})
    with pytest.raises(NotFound, match="no model named 'loans'"):
        inference.predict("loans", {})
    with pytest.raises(Unavailable, match="sentiment has no model loaded yet"):
        inference.predict("sentiment", {"text": "x"})


def test_what_is_served_is_told_and_what_is_not_is_not_found(inference: Inference) -> None:
    assert set(inference.answering()) == {"loan_default", "cats_dogs", "sar_colorization"}
    assert inference.state("loan_default")["version"] == 1
    with pytest.raises(NotFound, match="synth_tabular is not served at"):
        inference.state("synth_tabular")


def test_a_service_that_is_not_there_is_unavailable_and_an_address_that_is_missing_is_said() -> None:
    with pytest.raises(Unavailable, match=r"nothing answers at http://127\.0\.0\.1:9; is `headrace up` running"):
        Inference(Settings(inference_url="http://127.0.0.1:9/")).predict("loan_default", {})
    with pytest.raises(Rejected, match="set HEADRACE_INFERENCE_URL"):
        Inference(Settings())


def test_where_each_workload_has_a_service_its_name_is_part_of_the_address() -> None:
    inference = Inference(Settings(inference_url="https://inference-{workload}-1.run.app"))
    assert inference.address("loan_default") == "https://inference-loan-default-1.run.app"
    assert inference.answering() == ()


def test_over_https_the_client_shows_who_it_is_and_without_an_identity_the_door_stays_shut(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    with google() as keeper, guarded(client.url, keeper, trusted) as url:
        inference = Inference(Settings(inference_url=url))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nobody.json"))
        with pytest.raises(Unauthorized, match="does not let this caller in"):
            inference.predict("loan_default", {"loan_amnt": 1})
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(keeper.account(tmp_path)))
        assert inference.predict("loan_default", {"loan_amnt": 1}).said["version"] == 1
        assert inference.predict("loan_default", {"loan_amnt": 1}).said["version"] == 1
        assert len(keeper.minted) == 1
