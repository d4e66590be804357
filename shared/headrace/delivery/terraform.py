"""A Terraform root in; its plan, what it made and what it answers out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.delivery.commands import CommandFailed
from headrace.delivery.work import Delivery

LOCK_TIMEOUT = "5m"


@dataclass(frozen=True, slots=True)
class Terraform:
    """One root; `variables` are given on the command line, over those of `file`. The state's prefix is `state`."""

    delivery: Delivery
    folder: str
    state: str
    file: Path
    variables: Mapping[str, str]

    @property
    def plan_file(self) -> Path:
        """Where the plan waits to be applied."""
        return self.delivery.target.build / f"{self.state.replace('/', '-')}.tfplan"

    def init(self) -> None:
        """Fetch providers and find the state."""
        bucket = self.delivery.target.state_bucket
        self._run("init", "-reconfigure", f"-backend-config=bucket={bucket}", f"-backend-config=prefix={self.state}")

    def plan(self, *options: str) -> None:
        """Write the plan to `plan_file`."""
        self.plan_file.parent.mkdir(parents=True, exist_ok=True)
        given = [f"-var={name}={value}" for name, value in self.variables.items()]
        self._run("plan", f"-var-file={self.file}", *given, f"-out={self.plan_file}", *options)

    def apply(self) -> None:
        """Do what the plan says, and nothing that was not planned."""
        self._run("apply", f"-lock-timeout={LOCK_TIMEOUT}", str(self.plan_file))

    def shown(self) -> str:
        """The plan, for people."""
        return self._ask("show", "-no-color", str(self.plan_file))

    def outputs(self) -> Mapping[str, Any]:
        """What the root says of what it made; nothing before the first apply."""
        return {name: each["value"] for name, each in json.loads(self._read("output", "-json") or "{}").items()}

    def resources(self) -> list[dict[str, Any]]:
        """What the state holds."""
        found: list[dict[str, Any]] = json.loads(self._read("state", "pull") or "{}").get("resources", [])
        return found

    def _read(self, *words: str) -> str:
        try:
            return self._ask(*words)
        except CommandFailed as error:
            if "init" not in error.output:
                raise
            self.init()  # a fresh clone
            return self._ask(*words)

    def _run(self, *words: str) -> None:
        self.delivery.commands.run("terraform", f"-chdir={self.folder}", *words, environment=self._environment())

    def _ask(self, *words: str) -> str:
        return self.delivery.commands.ask("terraform", f"-chdir={self.folder}", *words, environment=self._environment())

    def _environment(self) -> dict[str, str]:
        """Each target has its own notes on where its state is, so that no command meets another's."""
        target = self.delivery.target
        notes = {"TF_DATA_DIR": f".terraform/{target.project}-{target.environment}"}
        return {**notes, **self.delivery.account.for_terraform()}


def main(delivery: Delivery) -> Terraform:
    """The loop itself: `infra/`."""
    target = delivery.target
    file = target.root / "infra" / "environments" / f"{target.environment}.tfvars"
    names = {"project": target.project, "region": target.region, "revision": target.revision}
    return Terraform(delivery, "infra", f"headrace/{target.environment}", file, names)


def bootstrap(delivery: Delivery) -> Terraform:
    """What has to be there before anything is delivered: `infra/bootstrap/`."""
    target = delivery.target
    folder = target.root / "infra" / "bootstrap"
    names = {"project": target.project, "region": target.region, "environment": target.environment}
    return Terraform(
        delivery,
        "infra/bootstrap",
        f"bootstrap/{target.environment}",
        folder / "environments" / f"{target.environment}.tfvars",
        names,
    )
