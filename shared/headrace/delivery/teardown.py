"""A deployed environment in; nothing of it, or nothing but its data, out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.delivery import checks, functions, terraform
from headrace.delivery.work import Delivery

DATA = (
    "google_storage_bucket",
    "google_sql_database_instance",
    "google_sql_database",
    "google_sql_user",
    "google_secret_manager_secret",
    "google_secret_manager_secret_version",
)
"""Kinds that hold what nobody can make again; MLflow reads nothing it kept without the key among the secrets."""

GUARDED = (
    "google_storage_bucket",
    "google_sql_database_instance",
    "google_cloud_run_v2_service",
    "google_cloud_run_v2_job",
)
"""Kinds that refuse to be destroyed while the variable `keep` is true."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that Terraform made: its address, the address without an index, what it is called, what it needs."""

    address: str
    block: str
    kind: str
    name: str
    needs: frozenset[str]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doomed:
    """What goes and what stays."""

    going: tuple[Resource, ...]
    staying: tuple[Resource, ...]


def survey(delivery: Delivery, with_data: bool) -> Doomed:
    """What a `destroy` would do. What data needs to be there, such as its network, stays with it."""
    found = tuple(_read(terraform.main(delivery).resources()))
    kept = set() if with_data else {each.block for each in found if each.kind in DATA and not _is_code(each)}
    kept |= {need for each in found if each.block in kept for need in each.needs}  # Terraform lists needs of needs too
    going = tuple(each for each in found if each.block not in kept)
    return Doomed(going, tuple(each for each in found if each.block in kept))


def destroy(delivery: Delivery, doomed: Doomed) -> None:
    """Take away the guards of what goes, then all that goes; the rest stays in the state for the next deploy."""
    checks.reachable(delivery)
    functions.bundle(delivery)
    root = terraform.main(delivery)
    root.init()
    guarded = [each.address for each in doomed.going if each.kind in GUARDED]
    if guarded:
        root.plan("-var=keep=false", *_targets(guarded))
        root.apply()
    root.plan("-destroy", "-var=keep=false", *_targets([each.address for each in doomed.going]))
    root.apply()


def deployed_revision(resources: Sequence[Mapping[str, Any]]) -> str:
    """The revision that runs, so that taking away guards changes no image; empty when no service is there."""
    for each in _read(resources):
        if each.kind == "google_cloud_run_v2_service":
            image = str(each.attributes["template"][0]["containers"][0]["image"])
            return image.rpartition(":")[2]
    return ""


def _targets(addresses: Sequence[str]) -> Iterator[str]:
    return (f"-target={address}" for address in addresses)


def _is_code(resource: Resource) -> bool:
    return resource.name.endswith("-functions")


def _read(state: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    for each in state:
        if each["mode"] != "managed":
            continue
        block = ".".join(part for part in (each.get("module", ""), each["type"], each["name"]) if part)
        for instance in each["instances"]:
            attributes = instance.get("attributes") or {}
            key = instance.get("index_key")
            index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
            name = str(attributes.get("name") or attributes.get("id") or "")
            needs = frozenset(instance.get("dependencies", ()))
            yield Resource(block + index, block, each["type"], name, needs, attributes)
