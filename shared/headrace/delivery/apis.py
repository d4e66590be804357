"""`infra/bootstrap/apis.yaml` in; the APIs that the loop needs, switched on, out."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from headrace.delivery.work import Delivery

FIRST = (
    "serviceusage.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudbilling.googleapis.com",
    "iam.googleapis.com",
    "storage.googleapis.com",
)
"""What Terraform itself, and the checks before it, ask."""


def needed(root: Path) -> tuple[str, ...]:
    """Every API, by its full name."""
    return tuple(f"{name}.googleapis.com" for name in yaml.safe_load((root / "infra/bootstrap/apis.yaml").read_text()))


def enable(delivery: Delivery, apis: Sequence[str]) -> None:
    """Switch on those that are off."""
    enabled = delivery.gcloud("services", "list", "--enabled", "--format=value(config.name)").split()
    if missing := [api for api in apis if api not in enabled]:
        project = f"--project={delivery.target.project}"
        delivery.commands.run("gcloud", "services", "enable", *missing, project)
