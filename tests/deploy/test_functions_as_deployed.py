"""Each function's bundle, installed with its own requirements and started as Google does both, answers real events."""

import base64
import hmac
import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from headrace import bundles, loading
from tests import samples
from tests.deploy.alone import MIB, Alone
from tests.deploy.servers import LOOP, PROJECT
from tests.samples import Sample
from workloads.loan_default.generator import write_csv

BUNDLE_MIB, INSTALLED_MIB = 60, 130
FUNCTIONS = list(bundles.functions(LOOP))
MODELS = ("torch", "sklearn", "xgboost", "onnxruntime", "numpy")


def post(url: str, sample: Sample) -> int:
    return requests.post(url, data=sample.body, headers=sample.headers, timeout=60).status_code


def listed(alone: Alone, prefix: str) -> list[str]:
    """What lies in the store under `prefix`."""
    url = f"{alone.servers.url('storage')}/storage/v1/b/{PROJECT}-store/o"
    answer = requests.get(url, params={"prefix": prefix}, timeout=10).json()
    return [each["name"] for each in answer.get("items", [])]


def unpacked(alone: Alone, name: str) -> None:
    """What every bundle is held to."""
    size = alone.unpack(name)
    print(f"{name}: a bundle of {size / MIB:.2f} MiB, {alone.mib():.0f} MiB installed")
    assert size < BUNDLE_MIB * MIB
    assert alone.mib() < INSTALLED_MIB
    alone.run("-c", "from headrace import loading; [loading.intake(name) for name in loading.names()]")
    found = alone.run("-c", f"import importlib.util as u; print([m for m in {MODELS} if u.find_spec(m)])")
    assert found.strip() == "[]"
    assert alone.run("-c", "from headrace import loading; print(*loading.names())").split() == [*loading.names()]


@pytest.mark.slow
def test_ingest_makes_an_upload_a_dataset_version(alone: Alone, tmp_path: Path) -> None:
    unpacked(alone, "ingest")
    headers = samples.load("storage-object-finalized").headers
    write_csv(tmp_path / "loans.csv", rows=50, start="2024-01")
    with alone.function(beside=("storage", "pubsub")) as url:
        objects = f"{alone.servers.url('storage')}/upload/storage/v1/b/{PROJECT}-data/o"
        asked = {"uploadType": "media", "name": "loan_default/january.csv"}
        stored = requests.post(objects, (tmp_path / "loans.csv").read_bytes(), params=asked, timeout=10).json()
        event = Sample(headers | {"ce-bucket": stored["bucket"]}, json.dumps(stored).encode())
        assert post(url, event) == 200
        (manifest,) = listed(alone, "datasets/loan_default/")
        assert manifest.endswith("/manifest.json")


@pytest.mark.slow
def test_registry_hook_announces_a_new_version_and_refuses_an_unsigned_delivery(alone: Alone) -> None:
    unpacked(alone, "registry_hook")
    delivery = samples.load("mlflow/model_version.created")
    with alone.function(beside=("storage", "pubsub")) as url:
        assert requests.post(url, json={}, timeout=30).status_code == 401
        assert post(url, signed(delivery, alone.servers.environment()["HEADRACE_WEBHOOK_SECRET"])) == 200


@pytest.mark.slow
def test_notify_tells_of_a_promotion_once(alone: Alone) -> None:
    unpacked(alone, "notify")
    sample = samples.load("events/model-promoted")
    with alone.function(beside=("storage", "pubsub")) as url:
        assert [post(url, sample), post(url, sample)] == [200, 200]
        assert len(listed(alone, "claims/notify/")) == 1


@pytest.mark.slow
def test_reconcile_looks_through_the_registry_and_batch_when_its_schedule_is_due(alone: Alone) -> None:
    unpacked(alone, "reconcile")
    with alone.function(beside=("storage", "pubsub", "batch", "mlflow")) as url:
        assert post(url, samples.load("scheduler-due")) == 200


def test_every_function_of_the_topology_is_deployed_here() -> None:
    assert FUNCTIONS == ["ingest", "registry_hook", "notify", "reconcile"]


def signed(sample: Sample, secret: str) -> Sample:
    """The delivery as MLflow would sign it now."""
    identity, now = sample.headers["X-MLflow-Delivery-Id"], str(int(time.time()))
    digest = hmac.digest(secret.encode(), f"{identity}.{now}.".encode() + sample.body, sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return Sample(sample.headers | {"X-MLflow-Timestamp": now, "X-MLflow-Signature": signature}, sample.body)
