"""What a training gets in; what an hour of it costs out."""

from math import ceil

from headrace.catalogue import Resources
from headrace.costs.prices import Prices
from headrace.costs.timeline import HOURS

FAMILIES = {"nvidia-l4": "g2", "nvidia-tesla-t4": "n1"}
"""The machines that a GPU comes with; Batch takes E2 for a job without one."""
G2_GIB_A_CPU, G2_LEAST_CPUS = 4, 4
DISK_GIB, GPU_DISK_GIB = 30, 100


def hour(resources: Resources, prices: Prices, spot: bool | None = None) -> float:
    """Dollars for all nodes: processors, memory, GPUs, disk and address. Raises Rejected for an unknown GPU.

    Batch picks a machine that is as large or larger; only what was asked for is counted, but for G2, sold by the vCPU.
    """
    suffix = "_spot" if (resources.spot if spot is None else spot) else ""
    gpus = prices.of_gpu(resources.gpu, suffix) * resources.gpus if resources.gpu else 0
    family = FAMILIES.get(resources.gpu, "n1") if resources.gpu else "e2"
    cpus, gib = resources.cpus, resources.memory_mib / 1024
    if family == "g2":
        cpus = max(cpus, G2_LEAST_CPUS, ceil(gib / G2_GIB_A_CPU))
    machine = cpus * prices.of(f"{family}_cpu{suffix}") + gib * prices.of(f"{family}_gib{suffix}")
    disk = (GPU_DISK_GIB if resources.gpu else DISK_GIB) * prices.of("disk") / HOURS
    # Nodes that talk to each other have no address of their own; what their gateway costs is counted apart.
    address = prices.of(f"address{suffix}") if resources.nodes == 1 else 0
    return resources.nodes * (machine + gpus + disk + address)
