"""The topology in; each service's and job's image, built and pushed, out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from headrace import catalogue, loading, topology
from headrace.catalogue import Description
from headrace.delivery.commands import CommandFailed, Commands
from headrace.delivery.target import origin
from headrace.delivery.work import Delivery
from headrace.topology import Topology

LATEST = "latest"
PLATFORM = "platform"
BUILDER = "headrace"
FOR_GPUS = "-gpu"

FAMILIES = {"inference": "inference", "training": "trainer", "mlflow": "mlflow", "studio": "studio"}
"""The Dockerfile in infra/images of those that are not built like every other service."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its name in the registry, its Dockerfile, the folder of services/ in it, and whether it knows GPUs."""

    name: str
    family: str
    service: str
    gpu: bool = False


def images(root: Path) -> tuple[Image, ...]:
    """Everything that runs in a container; functions are bundled instead."""
    loop = topology.load(root / "infra" / "topology.yaml")
    return tuple(needed(loop, map(catalogue.describe, loading.names())))


def needed(loop: Topology, workloads: Iterable[Description]) -> Iterator[Image]:
    """The image of each service and job, and another of those that are to answer for a workload on a GPU."""
    gpus = any(each.serving.instance.gpu for each in workloads)
    for name, deployable in loop.deployables.items():
        if deployable.folder.startswith("services/"):
            image = Image(name.replace("_", "-"), FAMILIES.get(name, PLATFORM), Path(deployable.folder).name)
            yield image
            if deployable.per_workload and gpus:
                yield replace(image, name=f"{image.name}{FOR_GPUS}", gpu=True)


def build(delivery: Delivery) -> None:
    """Build every image, from what the registry keeps of earlier builds where it still fits."""
    login(delivery)
    _make_builder(delivery.commands)
    source = origin(delivery.commands)
    found = images(delivery.target.root)
    for number, image in enumerate(found, 1):
        delivery.say(f"image {number} of {len(found)}: {image.name}")
        delivery.commands.run("docker", "buildx", "build", *_options(delivery, image, source), ".")


def bases(root: Path) -> tuple[str, ...]:
    """What images are built on, as NAME=IMAGE."""
    lines = (root / "infra" / "images" / "bases.env").read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _make_builder(commands: Commands) -> None:
    """Docker's own builder keeps nothing in a registry but the last stage, and the libraries are in the one before."""
    try:
        commands.ask("docker", "buildx", "inspect", BUILDER)
    except CommandFailed:
        commands.run("docker", "buildx", "create", f"--name={BUILDER}", "--driver=docker-container")


def _options(delivery: Delivery, image: Image, source: str) -> Iterator[str]:
    target = delivery.target
    yield f"--builder={BUILDER}"
    yield f"--file=infra/images/{image.family}.Dockerfile"
    own = (f"SERVICE={image.service}", f"REVISION={target.revision}", f"SOURCE={source}")
    for argument in (*bases(target.root), *own, *(("GPU=yes",) if image.gpu else ())):
        yield f"--build-arg={argument}"
    cache = f"type=registry,ref={target.image(f'cache-{image.name}', LATEST)}"
    yield f"--cache-from={cache}"
    yield f"--cache-to={cache},mode=max,image-manifest=true,ignore-error=true"
    yield f"--tag={target.image(image.name)}"
    yield f"--tag={target.image(image.name, LATEST)}"
    yield "--provenance=false"  # what is in an image says its own list of parts
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
