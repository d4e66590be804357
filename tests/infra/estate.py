"""An environment's name in; every resource that applying it makes, as far as the stand-ins can tell, out."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.terraform import ROOT, Terraform, standing_in

Values = Mapping[str, Any]
_PROJECT = ("-var=project=my-project", "-var=revision=0123abc")
_BOOTSTRAP = (
    "-var=project=my-project",
    "-var=region=europe-west1",
    "-var=environment=prod",
    '-var=github={repository="owner/name",owner_id="1234567"}',
    "-var=cloudbuild_repository=projects/my-project/locations/europe-west1/connections/github/repositories/name",
    "-var=billing_account=000000-000000-000000",
)
_OPTIONS = (
    '-var=operators=["group:operators@example.com"]',
    '-var=callers=["user:caller@example.com"]',
    '-var=notify={emails=["team@example.com"],slack_channel="alerts"}',
    '-var=budget={billing_account="000000-000000-000000",amount=20,stop=true}',
    "-var=studio_iap=true",
    '-var=studio_viewers=["domain:example.com"]',
    '-var=studio_operators=["user:ada@example.com"]',
    '-var=watched=["mlflow"]',
    '-var=secrets=["HEADRACE_NOTIFY_URL","HEADRACE_API_KEYS"]',
)
ENVIRONMENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "bootstrap": ("infra/bootstrap", _BOOTSTRAP),
    "dev": ("infra", ("-var-file=environments/dev.tfvars", *_PROJECT)),
    "prod": ("infra", ("-var-file=environments/prod.tfvars", *_PROJECT)),
    "options": ("infra", ("-var-file=environments/prod.tfvars", *_PROJECT, *_OPTIONS)),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: where it stands in the code, what it came to, and once it is made, what had to be before."""

    address: str
    type: str
    values: Values
    needs: frozenset[str] = frozenset()

    @property
    def block(self) -> str:
        """The address without an index."""
        return self.address.partition("[")[0]


def all_applied() -> dict[str, list[Resource]]:
    """What applying each environment makes, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(ENVIRONMENTS, pool.map(applied, ENVIRONMENTS), strict=True))


def applied(environment: str) -> list[Resource]:
    """What `terraform apply` makes of the environment, by address; a second plan has to find nothing to do."""
    folder, variables = ENVIRONMENTS[environment]
    with tempfile.TemporaryDirectory() as copy, standing_in(ROOT / folder, Path(copy)) as terraform:
        terraform.done("apply", "-auto-approve", "-input=false", "-no-color", *variables)
        terraform.done("plan", "-detailed-exitcode", "-refresh=false", "-input=false", "-no-color", *variables)
        return _resources(terraform.done("show", "-json"))


def planned(terraform: Terraform, *arguments: str) -> list[Resource]:
    """What `terraform plan` would make, with what is not known yet left out."""
    terraform.done("plan", "-out=plan", "-input=false", "-no-color", *arguments)
    return _resources(terraform.done("show", "-json", "plan"))


def _resources(document: str) -> list[Resource]:
    shown = json.loads(document)
    values = shown.get("planned_values") or shown["values"]
    found = (each for each in _within(values["root_module"]) if each["mode"] == "managed")
    made = (
        Resource(each["address"], each["type"], each["values"], frozenset(each.get("depends_on", ()))) for each in found
    )
    return sorted(made, key=lambda each: each.address)


def _within(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _within(child)
