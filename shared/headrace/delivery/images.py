"""The topology in; each service's and job's image, built and pushed, out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headrace import topology
from headrace.delivery.work import Delivery

LATEST = "latest"
PLATFORM = "platform"

FAMILIES = {"inference": "inference", "training": "trainer", "mlflow": "mlflow", "studio": "studio"}
"""The Dockerfile in infra/images of those that are not built like every other service."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its name in the registry, its Dockerfile, and the folder of services/ that is in it."""

    name: str
    family: str
    service: str


def images(root: Path) -> tuple[Image, ...]:
    """Everything that runs in a container; functions are bundled instead."""
    deployables = topology.load(root / "infra" / "topology.yaml").deployables
    return tuple(
        Image(name.replace("_", "-"), FAMILIES.get(name, PLATFORM), Path(deployable.folder).name)
        for name, deployable in deployables.items()
        if deployable.folder.startswith("services/")
    )


def build(delivery: Delivery) -> None:
    """Build every image, from the layers of the latest one where they still fit."""
    login(delivery)
    found = images(delivery.target.root)
    for number, image in enumerate(found, 1):
        delivery.say(f"image {number} of {len(found)}: {image.name}")
        delivery.commands.run("docker", "buildx", "build", *_options(delivery, image), ".")


def bases(root: Path) -> tuple[str, ...]:
    """What images are built on, as NAME=IMAGE."""
    lines = (root / "infra" / "images" / "bases.env").read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _options(delivery: Delivery, image: Image) -> Iterator[str]:
    target = delivery.target
    latest = target.image(image.name, LATEST)
    yield f"--file=infra/images/{image.family}.Dockerfile"
    own = (f"SERVICE={image.service}", f"REVISION={target.revision}", "BUILDKIT_INLINE_CACHE=1")
    for argument in (*bases(target.root), *own):
        yield f"--build-arg={argument}"
    yield f"--cache-from={latest}"
    yield f"--tag={target.image(image.name)}"
    yield f"--tag={latest}"
    yield "--load"


def push(delivery: Delivery) -> None:
    """Push every image, as this revision and then as the latest."""
    login(delivery)
    for image in images(delivery.target.root):
        for tag in (delivery.target.revision, LATEST):
            delivery.commands.run("docker", "push", delivery.target.image(image.name, tag))


def login(delivery: Delivery) -> None:
    """Let Docker into the project's registry as gcloud's account."""
    delivery.commands.ask("gcloud", "auth", "configure-docker", delivery.target.registry_host, "--quiet")
