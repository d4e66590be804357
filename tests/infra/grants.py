"""The resources of an environment in; every grant among them, and what is wrong with each, out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.infra.estate import Resource

REASONS = Path(__file__).parent / "reasons.yaml"
_ROLES = Path(__file__).parents[2] / "infra/bootstrap/roles.yaml"
_MAKERS = {"headrace-deployer"}  # makes the things, so there is none to be granted a role on
PUBLIC = {"allUsers", "allAuthenticatedUsers"}
_PRIMITIVE = {"roles/owner", "roles/editor", "roles/viewer"}
# What such a role is about can be granted on one thing, so on a project it reaches further than it needs to.
_NARROWER = ("artifactregistry", "cloudfunctions", "iam", "pubsub", "run", "secretmanager", "storage")
_THINGS = {
    "artifact_registry_repository": "repository",
    "billing_account": "billing_account_id",
    "cloud_run_v2_job": "name",
    "cloud_run_v2_service": "name",
    "iap_web_cloud_run_service": "cloud_run_service_name",
    "project": "project",
    "pubsub_subscription": "subscription",
    "pubsub_topic": "topic",
    "secret_manager_secret": "secret_id",
    "service_account": "service_account_id",
    "storage_bucket": "bucket",
}


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """Who may do what on which thing."""

    member: str
    role: str
    kind: str
    on: str


def granted(resource: Resource) -> Grant:
    """The grant that an `…_iam_member` makes."""
    kind = resource.type.removeprefix("google_").removesuffix("_iam_member")
    if kind not in _THINGS:
        raise KeyError(f"{resource.address} grants something on a {kind}; name its argument in {__file__}")
    values = resource.values
    return Grant(
        _name(values["member"]), values["role"], kind, values[_THINGS[kind]].rpartition("/")[2].partition("@")[0]
    )


def grants(resources: Iterable[Resource]) -> list[Grant]:
    """Every grant among `resources`."""
    return sorted(granted(each) for each in resources if each.type.endswith("_iam_member"))


def read_reasons() -> Mapping[str, Mapping[str, Any]]:
    """Why there is each kind of grant: by role, then by the kind of thing."""
    reasons: dict[str, dict[str, Any]] = yaml.safe_load(REASONS.read_text())
    for account, roles in yaml.safe_load(_ROLES.read_text()).items():
        for role, because in roles.items():
            reason = reasons.setdefault(role, {}).setdefault("project", {"because": because, "held_by": []})
            reason["held_by"].append(f"headrace-{account}")
    return reasons


def complaints(grant: Grant, reasons: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with `grant`, given the reasons there are."""
    if grant.role in _PRIMITIVE:
        yield f"{grant.member} gets {grant.role}, which is for people who explore, not for programs"
    reason = reasons.get(grant.role, {}).get(grant.kind)
    if reason is None:
        yield f"{grant.member} gets {grant.role} on {grant.kind} {grant.on}; {REASONS.name} gives no reason"
    elif grant.kind == "project":
        yield from _wide(grant, reason)


def _wide(grant: Grant, reason: Any) -> Iterator[str]:
    holders = reason["held_by"]
    if grant.member not in holders:
        yield f"{grant.member} gets {grant.role} on the whole project; {REASONS.name} knows only {', '.join(holders)}"
    service = grant.role.removeprefix("roles/").partition(".")[0]
    if service in _NARROWER and grant.member not in _MAKERS and not reason.get("nothing_narrower"):
        yield f"{grant.role} can be granted on one thing; {REASONS.name} has to say why it is on the whole project"


def _name(member: str) -> str:
    """The account's own name: without its project, but Google's agents with theirs."""
    kind, _, address = member.partition(":")
    if kind != "serviceAccount":
        return member
    name, _, domain = address.partition("@")
    agent = domain.removesuffix(".iam.gserviceaccount.com")
    return f"agent {agent}" if name.startswith("service-") else name
