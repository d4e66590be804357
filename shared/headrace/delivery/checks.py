"""A delivery in; a sentence for the first thing that would stop it later out."""

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
