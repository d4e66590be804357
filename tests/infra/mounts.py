"""A resource in; the secrets and buckets that its container is started with, and what they need to be there, out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.estate import Resource, Values
from tests.infra.grants import granted

_ACCOUNTS: Mapping[str, Callable[[Values], str]] = {
    "google_cloud_run_v2_service": lambda values: str(values["template"][0]["service_account"]),
    "google_cloud_run_v2_job": lambda values: str(values["template"][0]["template"][0]["service_account"]),
    "google_cloudfunctions2_function": lambda values: str(values["service_config"][0]["service_account_email"]),
}
_BLOCKS = {
    "secret_key_ref": ("secret_manager_secret", "secret"),
    "secret_environment_variables": ("secret_manager_secret", "secret"),
    "gcs": ("storage_bucket", "bucket"),
}


@dataclass(frozen=True, slots=True)
class Mount:
    """A secret or a bucket, and the account that has to be able to read it when `by` starts."""

    by: Resource
    account: str
    kind: str
    name: str


def mounted(resource: Resource) -> Iterator[Mount]:
    """What Cloud Run reads before it starts a container of `resource`."""
    if account := _ACCOUNTS.get(resource.type):
        for kind, name in _within(resource.values):
            yield Mount(resource, account(resource.values).partition("@")[0], kind, name)


def _within(values: Any) -> Iterator[tuple[str, str]]:
    if isinstance(values, list):
        for each in values:
            yield from _within(each)
    if isinstance(values, Mapping):
        for key, inner in values.items():
            if key in _BLOCKS:
                kind, named = _BLOCKS[key]
                yield from ((kind, each[named]) for each in inner)
            yield from _within(inner)


def lets_read(resource: Resource, mount: Mount) -> bool:
    """Whether `resource` is a grant by which the mount can be read."""
    if not resource.type.endswith("_iam_member"):
        return False
    grant = granted(resource)
    return (grant.member, grant.kind, grant.on) == (mount.account, mount.kind, mount.name)


def gives_value(resource: Resource, mount: Mount) -> bool:
    """Whether `resource` is a version of the secret that is mounted."""
    versions = resource.type == "google_secret_manager_secret_version" and mount.kind == "secret_manager_secret"
    return versions and resource.values["secret"].rpartition("/")[2] == mount.name
