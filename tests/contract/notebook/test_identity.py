"""Proving to a service on Cloud Run who calls, with Google's own library against a token endpoint of the test's."""

from pathlib import Path

import pytest
import requests
from requests import Request

from headrace.adapters.identity import Identity
from headrace.errors import Unauthorized
from headrace.settings import Settings
from tests.contract.notebook.conftest import Elsewhere, W
from tests.contract.notebook.google import Google, certificate, guarded


@pytest.fixture
def account(keeper: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The service account that this process is."""
    path = keeper.account(tmp_path)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


@pytest.mark.usefixtures("account")
def test_a_token_is_shown_to_the_service_it_is_for_and_to_no_other(keeper: Google) -> None:
    identity = Identity("https://mlflow-1.run.app/")
    shown = identity(Request("GET", "https://mlflow-1.run.app/api?x=1").prepare()).headers["Authorization"]
    assert shown.removeprefix("Bearer ") in keeper.minted
    for other in ("https://elsewhere.run.app/", "https://mlflow-1.run.app.evil.com/", "http://mlflow-1.run.app/"):
        assert "Authorization" not in identity(Request("GET", other).prepare()).headers


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(("seconds", "tokens"), [(3600, 1), (200, 3)])
def test_a_token_is_used_until_shortly_before_it_ends(seconds: int, tokens: int, keeper: Google) -> None:
    keeper.seconds = seconds
    identity = Identity("https://mlflow-1.run.app")
    for _ in range(3):
        identity(Request("GET", "https://mlflow-1.run.app/api").prepare())
    assert len(keeper.minted) == tokens


def test_whoever_google_does_not_know_is_told_how_to_be_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(Unauthorized, match="impersonate-service-account"):
        Identity("https://mlflow-1.run.app")(Request("GET", "https://mlflow-1.run.app/").prepare())


TRACK = f"""
import mlflow, pathlib
mlflow.set_experiment("notebooks-behind-a-door")
with mlflow.start_run():
    mlflow.log_metric("files", 2)
    pathlib.Path("note.txt").write_text("hello")
    mlflow.log_artifact("note.txt")
print(mlflow.MlflowClient().get_model_version_by_alias("{W}", "champion").tags["headrace.dataset"])
"""


def test_mlflows_client_gets_through_the_door_with_the_plugin(
    where: Settings, champions_data: str, guarded_url: str, keeper: Google, elsewhere: Elsewhere
) -> None:
    assert requests.get(f"{guarded_url}/health", timeout=30).status_code == 403
    said = elsewhere.run(
        "-c",
        TRACK,
        MLFLOW_TRACKING_URI=guarded_url,
        MLFLOW_TRACKING_AUTH="headrace",
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
        GOOGLE_APPLICATION_CREDENTIALS=str(keeper.account(elsewhere.home)),
    )
    assert said.splitlines()[-1] == champions_data
    assert len(keeper.minted) == 1


TRAIN = f"""
import sys
from headrace.adapters.mlflow import MlflowRegistry
from headrace.adapters.tracking import TrainingRun
run = TrainingRun(sys.argv[1], "{W}", "behind-a-door", {{}})
run.picture("note.png", b"picture")
run.finish()
print(MlflowRegistry(sys.argv[1], retries=1).alias("{W}", "champion").tags["headrace.dataset"])
"""


def test_a_training_and_the_registry_show_who_calls_to_a_server_at_an_https_address(
    where: Settings, champions_data: str, keeper: Google, elsewhere: Elsewhere
) -> None:
    trusted = certificate(elsewhere.home)
    with guarded(where.mlflow_url, keeper, trusted) as url:
        said = elsewhere.run(
            "-c",
            TRAIN,
            url,
            MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
            REQUESTS_CA_BUNDLE=str(trusted),
            GOOGLE_APPLICATION_CREDENTIALS=str(keeper.account(elsewhere.home)),
        )
    assert said.splitlines()[-1] == champions_data
    assert len(keeper.minted) == 2  # one each, for as long as it holds
