"""What trainings and services take at most in; a sentence for each quota that grants less out.

A new project starts without GPUs for training, and Cloud Run makes no service that could grow beyond what the region
grants: the most instances of one service alone are held against it. Nothing here promises that there is a machine.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from headrace import catalogue, loading, topology
from headrace.catalogue import Description, Resources
from headrace.delivery.checks import CONSOLE
from headrace.delivery.work import Delivery
from headrace.errors import Rejected

API = "https://cloudquotas.googleapis.com/"
API_OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDQUOTAS"
"""gcloud's own variable for asking elsewhere."""

CORES, MEMORY = "CpuAllocPerProjectRegion", "MemAllocPerProjectRegion"
"""Cloud Run's quotas, in thousandths of a core and in bytes."""

REQUEST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Machine:
    """What an instance of a Cloud Run service has, how many there may be, and where that is written."""

    name: str
    cpus: float
    memory_mib: int
    gpu: str | None
    most: int
    written: str

    def takes(self) -> dict[str, int]:
        """What one instance takes of each of Cloud Run's quotas."""
        taken = {CORES: round(self.cpus * 1000), MEMORY: self.memory_mib << 20}
        if self.gpu:
            kind = "".join(part.capitalize() for part in self.gpu.split("-"))
            taken[f"{kind}GpuAllocNoZonalRedundancyPerProjectRegion"] = 1
        return taken


def quotas(delivery: Delivery) -> None:
    """Raises Rejected where the project or its region grants less than some training or service takes."""
    workloads = [catalogue.describe(name) for name in loading.names()]
    trained(delivery, [one for each in workloads for one in (each.resources, *each.own_resources.values())])
    served(delivery, list(machines(delivery.target.root, workloads)))


def trained(delivery: Delivery, asked: Iterable[Resources]) -> None:
    """Look whether Compute Engine grants the GPUs of every training by itself. Raises Rejected."""
    wanted = _gpus(asked)
    if not wanted:
        delivery.say("no training asks for a GPU")
        return
    limits = _compute(delivery)
    lacking = [f"{quota} {limits.get(quota, 0):g} of {n}" for quota, n in wanted.items() if limits.get(quota, 0) < n]
    if lacking:
        raise Rejected(
            f"{delivery.target.region} does not grant the GPUs that trainings ask for ({', '.join(lacking)}): ask for "
            f"them at {_page(delivery)}, or take `gpu` out of workload.yaml"
        )
    delivery.say("the GPUs that trainings ask for are granted")


def served(delivery: Delivery, asked: Sequence[Machine]) -> None:
    """Look whether Cloud Run lets every service grow as far as it may. Raises Rejected."""
    wanted = dict.fromkeys(quota for each in asked for quota in each.takes())
    token = delivery.account.access_token()
    limits = {quota: _run(delivery, token, quota) for quota in wanted}
    lacking = [
        f"{each.name} may have {each.most} instances and {quota} lets it have {limit // taken}: {each.written}"
        for each in asked
        for quota, taken in each.takes().items()
        if (limit := limits[quota]) is not None and each.most * taken > limit
    ]
    if lacking:
        less = "; ".join(lacking)
        raise Rejected(f"{less}. Write less there, or ask {delivery.target.region} for more at {_page(delivery)}")
    delivery.say(f"Cloud Run lets {len(asked)} services and functions grow as far as they may")


def machines(root: Path, workloads: Sequence[Description]) -> Iterator[Machine]:
    """Every function and service of the repository at `root`, as large as it may become."""
    for name, each in topology.load(root / "infra" / "topology.yaml").deployables.items():
        if each.per_workload:
            yield from (_instance(name, workload) for workload in workloads)
        elif each.entry != "job":
            needs, written = each.needs, f"needs.instances of {name} in infra/topology.yaml"
            yield Machine(name.replace("_", "-"), needs.cpus, needs.memory_mib, None, needs.instances[1], written)


def _instance(deployable: str, workload: Description) -> Machine:
    one, name = workload.serving.instance, f"{deployable}-{workload.name}".replace("_", "-")
    written = f"serving.instance.most in the workload.yaml of {workload.name}"
    return Machine(name, one.cpus, one.memory_mib, one.gpu, one.most, written)


def _gpus(asked: Iterable[Resources]) -> Counter[str]:
    """The most that one training takes of each quota of Compute Engine's.

    A GPU counts against its kind, on a Spot machine against that kind's own, and always against the project's sum.
    """
    wanted: Counter[str] = Counter()
    for each in asked:
        if each.gpu:
            kind = each.gpu.upper().replace("NVIDIA-TESLA-", "NVIDIA-").replace("-", "_")
            counted = [f"{kind}_GPUS", "GPUS_ALL_REGIONS", *([f"PREEMPTIBLE_{kind}_GPUS"] if each.spot else [])]
            wanted |= Counter(dict.fromkeys(counted, each.gpus * each.nodes))
    return wanted


def _compute(delivery: Delivery) -> Mapping[str, float]:
    region = delivery.gcloud("compute", "regions", "describe", delivery.target.region, "--format=json(quotas)")
    whole = delivery.gcloud("compute", "project-info", "describe", "--format=json(quotas)")
    return {each["metric"]: each["limit"] for text in (whole, region) for each in json.loads(text)["quotas"]}


def _run(delivery: Delivery, token: str, quota: str) -> int | None:
    """How much of it Cloud Run grants in the region; None where it does not say, or grants without a limit."""
    project, region = delivery.target.project, delivery.target.region
    url = f"{os.environ.get(API_OVERRIDE, API)}v1/projects/{project}/locations/global/services/run.googleapis.com"
    proof = {"authorization": f"Bearer {token}", "x-goog-user-project": project}
    try:
        answer = requests.get(f"{url}/quotaInfos/{quota}", headers=proof, timeout=REQUEST_SECONDS)
        answer.raise_for_status()
    except requests.RequestException as error:
        delivery.say(f"Google does not say how much of {quota} it grants, so Cloud Run will, later: {error}")
        return None
    for each in answer.json().get("dimensionsInfos", ()):
        if region in each.get("applicableLocations", ()):
            value = int(each.get("details", {}).get("value", -1))
            return None if value < 0 else value
    return None


def _page(delivery: Delivery) -> str:
    return f"{CONSOLE}/iam-admin/quotas?project={delivery.target.project}"
