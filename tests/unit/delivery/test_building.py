"""What Docker is told to build, and what images say of where they are from."""

import pytest
import yaml

from headrace import catalogue, topology
from headrace.delivery.images import BUILDER, needed
from headrace.delivery.steps import run
from headrace.delivery.target import origin
from tests.unit.delivery.cloud import ROOT, Cloud


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://github.com/owner/name.git", "https://github.com/owner/name"),
        ("https://x-access-token:secret@github.com/owner/name", "https://github.com/owner/name"),
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
        ("ssh://git@gitlab.example.com:2222/group/sub/name.git", "https://gitlab.example.com/group/sub/name"),
        ("/home/ada/headrace", ""),
        ("", ""),
    ],
    ids=["https", "token", "scp", "ssh", "folder", "none"],
)
def test_an_image_says_where_its_code_is_without_what_lets_in_there(google: Cloud, url: str, source: str) -> None:
    google.project["origin"] = url
    assert origin(google.delivery().commands) == source
    run(google.delivery(), ["build"])
    built = google.commands("docker")[-1]
    assert f"--build-arg=SOURCE={source}" in built
    assert "secret" not in " ".join(built)


@pytest.mark.parametrize("gpu", ["nvidia-l4", ""])
def test_a_workload_on_a_gpu_gets_an_image_that_knows_gpus(gpu: str) -> None:
    described = yaml.safe_load((ROOT / "shared/workloads/loan_default/workload.yaml").read_text())
    described["serving"] = {"instance": {"gpu": gpu, "cpus": 4, "memory_mib": 16384} if gpu else {}}
    workload = catalogue.parse("loan_default", yaml.safe_dump(described))
    found = needed(topology.load(ROOT / "infra/topology.yaml"), [workload])
    assert [image.name for image in found if image.gpu] == (["inference-gpu"] if gpu else [])


def test_every_stage_is_kept_in_the_registry_for_the_next_machine(google: Cloud) -> None:
    run(google.delivery("one"), ["build"])
    run(google.delivery("two"), ["build"])
    built = [words for words in google.commands("docker") if words[1:3] == ["buildx", "build"]]
    kept = "type=registry,ref=europe-west1-docker.pkg.dev/my-project/headrace/cache-evaluator:latest"
    evaluator = [words for words in built if f"--cache-from={kept}" in words]
    assert len(evaluator) == 2
    assert all(f"--cache-to={kept},mode=max,image-manifest=true,ignore-error=true" in words for words in evaluator)


def test_the_builder_that_can_do_so_is_made_once(google: Cloud) -> None:
    run(google.delivery(), ["build", "build"])
    made = [words for words in google.commands("docker") if words[1:3] == ["buildx", "create"]]
    assert made == [["docker", "buildx", "create", f"--name={BUILDER}", "--driver=docker-container"]]
