"""A delivery in; a sentence for the first thing that would stop it later out."""

import json
from collections.abc import Set

from headrace import catalogue, loading
from headrace.delivery import apis
from headrace.delivery.commands import TOOLS, CommandFailed
from headrace.delivery.work import Delivery
from headrace.errors import Rejected

CONSOLE = "https://console.cloud.google.com"


def preflight(delivery: Delivery) -> None:
    """Tools, login, project, billing."""
    commands = delivery.commands
    missing = [f"{tool} ({page})" for tool, page in TOOLS.items() if not commands.has(tool)]
    if missing:
        raise Rejected(f"install {', '.join(missing)}; Cloud Shell has all of them")
    commands.ask("docker", "buildx", "version")
    reachable(delivery)


def reachable(delivery: Delivery) -> None:
    """Login, project, billing."""
    project = delivery.target.project
    who = delivery.account.name
    _project_is_there(delivery, who)
    apis.enable(delivery, apis.FIRST)
    if delivery.gcloud("billing", "projects", "describe", project, "--format=value(billingEnabled)") != "True":
        page = f"{CONSOLE}/billing/linkedaccount?project={project}"
        raise Rejected(f"project {project} has no billing account: link one at {page}")
    delivery.say(f"{who} works on {project}, {delivery.target.region}, revision {delivery.target.revision}")


def _project_is_there(delivery: Delivery, who: str) -> None:
    project = delivery.target.project
    try:
        state = delivery.gcloud("projects", "describe", project, "--format=value(lifecycleState)")
    except CommandFailed as error:
        raise Rejected(
            f"{who} sees no project {project}: `gcloud projects create {project}` makes it, `gcloud auth login` is for "
            f"working as somebody else ({error})"
        ) from error
    if state != "ACTIVE":
        raise Rejected(f"project {project} is {state}; `gcloud projects undelete {project}` brings it back for 30 days")


def quotas(delivery: Delivery) -> None:
    """Whether the region grants every GPU that a workload trains with: new projects start with none."""
    wanted = {gpu for name in loading.names() if (gpu := catalogue.describe(name).resources.gpu)}
    if wanted:
        granted(delivery, wanted)
    else:
        delivery.say("no workload asks for a GPU")


def granted(delivery: Delivery, wanted: Set[str]) -> None:
    """Raises Rejected where the region grants one of them to nobody here."""
    limits = _limits(delivery)
    lacking = sorted(metric for gpu in wanted for metric in _metrics(gpu) if not limits.get(metric))
    if lacking:
        page = f"{CONSOLE}/iam-admin/quotas?project={delivery.target.project}"
        raise Rejected(
            f"the quota of {', '.join(lacking)} is 0 in {delivery.target.region}, and workloads train with "
            f"{', '.join(sorted(wanted))}: ask for it at {page}, or take `gpu` out of their workload.yaml"
        )
    delivery.say(f"the region grants {', '.join(sorted(wanted))}")


def _limits(delivery: Delivery) -> dict[str, float]:
    region = delivery.gcloud("compute", "regions", "describe", delivery.target.region, "--format=json(quotas)")
    whole = delivery.gcloud("compute", "project-info", "describe", "--format=json(quotas)")
    return {each["metric"]: each["limit"] for text in (whole, region) for each in json.loads(text)["quotas"]}


def _metrics(gpu: str) -> tuple[str, ...]:
    """The quotas that a GPU counts against: its own, a Spot machine's, and the project's sum over all regions."""
    kind = gpu.upper().replace("NVIDIA-TESLA-", "NVIDIA-").replace("-", "_")
    return (f"{kind}_GPUS", f"PREEMPTIBLE_{kind}_GPUS", "GPUS_ALL_REGIONS")
