"""The image that delivers, built but for gcloud, which Debian does not have: all else that steps need is in it."""

import shutil
from collections.abc import Iterator

import pytest

from tests.images.buildah import BASE, ROOT, Builder
from tests.images.container import Container

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform on this machine to put in"),
]

ANYTHING = str(shutil.which("true"))
PLUGIN = "/usr/local/libexec/docker/cli-plugins/docker-buildx"
NEEDED = "from headrace.delivery.steps import STEPS; from headrace.cli import main; print(*STEPS)"


@pytest.fixture(scope="module")
def delivering(builder: Builder) -> Iterator[Container]:
    """With this machine's terraform, its docker where it has one, and the code where Cloud Build has it."""
    docker = shutil.which("docker") or ANYTHING
    given = {
        "BASE": BASE,
        "TERRAFORM": builder.carry("localhost/terraform", {"/bin/terraform": str(shutil.which("terraform"))}),
        "DOCKER": builder.carry("localhost/docker", {"/usr/local/bin/docker": docker, PLUGIN: ANYTHING}),
    }
    with builder.started(builder.build("delivery", "delivery", given, stage="tools")) as container:
        for name in ("shared", "infra"):
            left = shutil.ignore_patterns("__pycache__", ".terraform*")
            shutil.copytree(ROOT / name, container.root / "workspace" / name, ignore=left)
        yield container


def test_its_libraries_are_all_that_the_command_line_and_every_step_import(delivering: Container) -> None:
    assert {"preflight", "build", "apply", "rollback"} <= set(delivering.ask("python", "-c", NEEDED).split())
    assert "--step" in delivering.ask(*delivering.says.command, "deploy", "--help", environment={"COLUMNS": "120"})


def test_a_step_finds_what_it_calls_and_misses_only_what_is_not_to_be_had_here(delivering: Container) -> None:
    assert delivering.ask("terraform", "version", environment={"CHECKPOINT_DISABLE": "1"}).startswith("Terraform v")
    assert delivering.ask("git", "--version").startswith("git version")
    assert delivering.ask("make", "--version").startswith("GNU Make")
    step = ["deploy", "--project=my-project", "--revision=one", "--step=preflight"]
    with pytest.raises(AssertionError, match=r"install gcloud \(https://cloud\.google\.com"):
        delivering.ask(*delivering.says.command, *step, environment={"COLUMNS": "200"})
