"""The Dockerfiles as text: linted, on one base, and one for each service and job of the topology."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.delivery.images import bases, images

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "images"
DOCKERFILES = sorted(FOLDER.glob("*.Dockerfile"))
OURS = [path for path in DOCKERFILES if path.stem in {image.family for image in images(ROOT)}]
every_dockerfile = pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)


def stages(path: Path) -> dict[str, str]:
    """Each stage by its name, the last one by none."""
    texts = re.split(r"^FROM ", path.read_text(), flags=re.MULTILINE)[1:]
    return {(re.match(r"\S+ AS (\S+)", text) or ["", ""])[1]: text for text in texts}


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_hadolint_has_nothing_to_say(path: Path) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--config", FOLDER / "hadolint.yaml", path], capture_output=True, text=True)
    assert done.stdout == ""
    assert done.returncode == 0


def test_every_service_and_job_of_the_topology_has_a_dockerfile_and_a_stage_that_says_how_it_is_started() -> None:
    for image in images(ROOT):
        made = stages(FOLDER / f"{image.family}.Dockerfile")
        if image.family == "platform":
            assert image.service in made, f"platform.Dockerfile needs `FROM answering AS {image.service}`"
        else:
            assert f'"services.{image.service}.' in made[""]


@every_dockerfile
def test_a_base_is_an_argument_whose_value_for_deliveries_is_in_one_file(path: Path) -> None:
    pinned = dict(line.split("=", 1) for line in bases(ROOT))
    (default,) = re.findall(r"^ARG BASE=(\S+)$", path.read_text(), re.MULTILINE)
    assert pinned["BASE"].partition("@")[0] == default
    assert {stage.split()[0] for stage in stages(path).values()} <= {"${BASE}", "runtime", "answering", "${SERVICE}"}


def test_what_uses_a_gpu_is_pinned_and_is_for_the_cuda_that_cloud_runs_driver_knows() -> None:
    gpu = (ROOT / "services/inference/requirements-gpu.txt").read_text()
    onnxruntime, *nvidia = (line.split("==") for line in gpu.splitlines() if not line.startswith("#"))
    assert onnxruntime[0] == "onnxruntime-gpu"
    assert {name.rpartition("-")[2] for name, _ in nvidia} == {"cu12"}


@every_dockerfile
def test_what_runs_is_not_root_and_is_told_of_sigterm(path: Path) -> None:
    text = path.read_text()
    assert "\nUSER 10001:10001\n" in text
    assert all(
        line.startswith('ENTRYPOINT ["dumb-init", ') for line in re.findall(r"^ENTRYPOINT.*", text, re.MULTILINE)
    )


@every_dockerfile
def test_packages_come_by_the_constraints_file_alone(path: Path) -> None:
    build = stages(path)["build"]
    assert "PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt" in build
    assert "apt-get" not in path.read_text()
    assert "curl" not in path.read_text()
