"""A recipe and the world in; Fabric on the devices that are there, and the networks as it runs them, out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor, nn
from torch.distributed import DistError

from headrace.errors import Interrupted
from headrace.learning.learner import Batch
from headrace.learning.recipe import Recipe
from headrace.workload import World

SILENCE = timedelta(minutes=10)
"""A process that says nothing for so long is taken for lost; one that ends is noticed at once."""


def start(recipe: Recipe, world: World) -> Fabric:
    """Fabric, launched: one process a device, together when there are several."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    cuda = torch.cuda.is_available()
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=world.devices,
        num_nodes=world.nodes,
        strategy=DDPStrategy(timeout=SILENCE, forward_sync_buffers=False) if world.size > 1 else "auto",
        precision=_precision(recipe, cuda),
    )
    fabric.launch()
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    return fabric


def _precision(recipe: Recipe, cuda: bool) -> Literal["32-true", "bf16-mixed", "16-mixed"]:
    if recipe.precision != "auto":
        return recipe.precision
    if not cuda:
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"


@contextmanager
def peers(world: World) -> Iterator[None]:
    """What PyTorch raises when a process of several is gone becomes Interrupted: nobody here is at fault."""
    try:
        yield
    except RuntimeError as error:
        if world.size > 1 and (isinstance(error, DistError) or "gloo" in str(error)):
            raise Interrupted(f"a peer was lost: {error}") from error
        raise


def set_up(fabric: Fabric, recipe: Recipe, networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The networks on the device, compiled and distributed as asked; the originals share their weights.

    What they are called with may lie on the CPU.
    """
    ready: dict[str, nn.Module] = {}
    for name, network in networks.items():
        ready[name] = fabric.setup_module(_prepared(recipe, network))
        if fabric.device.type != "cpu":
            ready[name].register_forward_pre_hook(lambda _, given: fabric.to_device(given))
    return ready


def _prepared(recipe: Recipe, network: nn.Module) -> nn.Module:
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if recipe.compile:
        network = torch.compile(network)  # type: ignore[assignment]
    return network


def pinned(fabric: Fabric, batch: Batch) -> Batch:
    """The batch in memory from which a GPU fetches it while it computes."""
    return apply_to_collection(batch, Tensor, Tensor.pin_memory) if fabric.device.type == "cuda" else batch


def moved(fabric: Fabric, batch: Batch) -> Batch:
    """The batch on the device; where that is the CPU, it lies there already."""
    return batch if fabric.device.type == "cpu" else fabric.to_device(batch)
