"""A resource's type and arguments in; what stands for each thing that Google Cloud would answer with, out."""

from collections.abc import Mapping
from typing import Any

from tests.infra.schema.model import Attribute

PROJECT_NUMBER = 123456789012
_ACCOUNT = "{account_id}@{project}.iam.gserviceaccount.com"
_AGENT = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"

# Only what other resources are made of, so that who may do what can be read in the outcome.
_KNOWN = {
    ("google_project", "number"): str(PROJECT_NUMBER),
    ("google_project", "project_id"): "{project}",
    ("google_project_service_identity", "member"): (
        f"serviceAccount:service-{PROJECT_NUMBER}@gcp-sa-{{agent}}.iam.gserviceaccount.com"
    ),
    ("google_service_account", "email"): _ACCOUNT,
    ("google_service_account", "member"): f"serviceAccount:{_ACCOUNT}",
    ("google_service_account", "name"): f"projects/{{project}}/serviceAccounts/{_ACCOUNT}",
    ("google_storage_project_service_account", "email_address"): _AGENT,
    ("google_storage_project_service_account", "member"): f"serviceAccount:{_AGENT}",
}
_IDS = ("account_id", "secret_id", "repository_id", "workload_identity_pool_id")
_NAMES = ("name", *_IDS, "display_name", "service", "role")
_EMPTY: Mapping[str, Any] = {"number": 0, "bool": False, "list": [], "set": [], "map": {}}


def made_up(kind: str, values: Mapping[str, Any], name: str, attribute: Attribute) -> Any:
    """What stands for the answer called `name` of a resource of type `kind` with these arguments."""
    known = _KNOWN.get((kind, name))
    if known is not None:
        return known.format_map({**values, "agent": str(values.get("service", "")).partition(".")[0]})
    if name == "project":
        return values["project"]
    if attribute.type != "string":
        shape = attribute.type if isinstance(attribute.type, str) else attribute.type[0]
        return _EMPTY[shape]
    given = next((values[each] for each in _NAMES if isinstance(values.get(each), str)), "")
    short = kind.partition("_")[2]
    return f"{short}/{given}" if name in ("id", "name") else f"{short}/{given}/{name}"
