"""What the project does not grant is said before anything is built, with where it is written and where to ask."""

from collections.abc import Mapping

import pytest

from headrace import catalogue, loading
from headrace.catalogue import Resources
from headrace.delivery.advice import way_out
from headrace.delivery.quotas import CORES, MEMORY, Machine, machines, served, trained
from headrace.delivery.steps import run
from headrace.errors import Rejected
from tests.unit.delivery.cloud import ROOT, Cloud

T4 = {"NVIDIA_T4_GPUS": 1.0, "PREEMPTIBLE_NVIDIA_T4_GPUS": 1.0, "GPUS_ALL_REGIONS": 1.0}
L4 = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
SEES = Machine("inference-pets", 4, 16384, "nvidia-l4", 3, "serving.instance.most in the workload.yaml of pets")


@pytest.mark.parametrize(
    ("granted", "asked", "lacking"),
    [
        ({"NVIDIA_T4_GPUS": 0.0}, Resources(gpu="nvidia-tesla-t4"), "NVIDIA_T4_GPUS 0 of 1"),
        ({"PREEMPTIBLE_NVIDIA_T4_GPUS": 0.0}, Resources(gpu="nvidia-tesla-t4"), "PREEMPTIBLE_NVIDIA_T4_GPUS 0 of 1"),
        ({}, Resources(gpu="nvidia-tesla-t4", gpus=2, nodes=2), "NVIDIA_T4_GPUS 1 of 4"),
        ({}, Resources(gpu="nvidia-l4"), "NVIDIA_L4_GPUS 0 of 1"),
    ],
    ids=["none", "none on Spot", "fewer than all nodes have", "of another kind"],
)
def test_gpus_to_train_with_that_are_not_granted_are_named(
    google: Cloud, granted: Mapping[str, float], asked: Resources, lacking: str
) -> None:
    google.project["quotas"] = {**T4, **granted}
    with pytest.raises(Rejected, match=rf"{lacking}.* ask for them at https://.*project=my-project, or take `gpu` out"):
        trained(google.delivery(), [Resources(), asked])


@pytest.mark.parametrize("spot", [True, False])
def test_gpus_that_are_granted_are_enough(google: Cloud, spot: bool) -> None:
    google.project["quotas"] = {**T4, "PREEMPTIBLE_NVIDIA_T4_GPUS": float(spot)}
    trained(google.delivery(), [Resources(gpu="nvidia-tesla-t4", spot=spot)])


def test_a_new_project_grants_all_that_is_deployed(google: Cloud) -> None:
    said: list[str] = []
    run(google.delivery(said=said), ["quotas"])
    assert said[1] == "no training asks for a GPU"
    workloads = [catalogue.describe(name) for name in loading.names()]
    whole = list(machines(ROOT, workloads))
    assert {f"inference-{each.name}".replace("_", "-") for each in workloads} < {each.name for each in whole}
    assert {"ingest", "evaluator", "studio", "mlflow"} < {each.name for each in whole}
    served(google.delivery(said=said), whole)
    assert said[-1] == f"Cloud Run lets {len(whole)} services and functions grow as far as they may"


@pytest.mark.parametrize(
    ("granted", "lacking"),
    [
        ({L4: 2}, f"inference-pets may have 3 instances and {L4} lets it have 2: serving.instance.most in the"),
        ({L4: 3, MEMORY: 40 << 30}, f"{MEMORY} lets it have 2"),
        ({L4: 3, CORES: 8000}, f"{CORES} lets it have 2"),
        ({L4: 0}, f"{L4} lets it have 0"),
    ],
    ids=["GPUs", "memory", "cores", "no GPU"],
)
def test_a_service_that_could_grow_too_far_is_said_before_cloud_run_refuses_it(
    google: Cloud, granted: dict[str, int], lacking: str
) -> None:
    google.answers.granted = {L4: 3, CORES: 20_000, MEMORY: 48 << 30, **granted}
    with pytest.raises(Rejected, match=lacking):
        served(google.delivery(), [SEES])


def test_a_service_that_fits_exactly_is_let_through(google: Cloud) -> None:
    google.answers.granted = {L4: 3, CORES: 12_000, MEMORY: 48 << 30}
    served(google.delivery(), [SEES])


def test_where_google_does_not_say_cloud_run_decides(google: Cloud) -> None:
    google.answers.granted = {CORES: -1, MEMORY: -1}
    said: list[str] = []
    served(google.delivery(said=said), [SEES])
    assert said[0].startswith(f"Google does not say how much of {L4} it grants, so Cloud Run will, later: 404")


def test_cloud_runs_own_refusal_comes_with_the_way_out() -> None:
    refusal = f"Max instances must be set to 3 or fewer in order to set GPU requirements. Quota violated: {L4}"
    assert "serving.instance.most" in way_out(refusal)
