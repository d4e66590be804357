"""What the world outside tells the platform: facts that others make and that never go on our bus."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Trigger(BaseModel):
    """A fact from Google Cloud or MLflow, reduced to what the handlers need."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ObjectFinalized(Trigger):
    """An object was completely written: Eventarc's storage event."""

    bucket: str
    name: str
    generation: int
    size: int
    metadata: Mapping[str, str] = Field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The object with its generation, which pins its content."""
        return f"gs://{self.bucket}/{self.name}#{self.generation}"


class ScheduleDue(Trigger):
    """A schedule of the topology came due."""

    schedule: str


class JobEnded(Trigger):
    """Batch says that a job reached a final state."""

    job: str
    state: str


class BudgetReported(Trigger):
    """Cloud Billing says, some times a day, what was spent of a budget since its month began."""

    budget: str
    name: str
    cost: float
    amount: float
    currency: str
    since: datetime

    @property
    def key(self) -> str:
        """The same for every report on one month of a budget of this amount."""
        return f"{self.budget}/{self.since:%Y-%m}/{self.amount:g}"

    def is_spent(self, now: datetime) -> bool:
        """Whether nothing is left, and the month not over: bills of the last one keep coming in."""
        return self.cost >= self.amount and f"{now:%Y-%m}" == f"{self.since:%Y-%m}"

    def __str__(self) -> str:
        return (
            f"of the budget {self.name}, {self.amount:g} {self.currency} for the month from {self.since:%Y-%m-%d}, "
            f"{self.cost:g} {self.currency} are spent"
        )


class VersionCreated(Trigger):
    """MLflow's webhook: a model version was created."""

    name: str
    version: int
    tags: Mapping[str, str] = Field(default_factory=dict)


class AliasSet(Trigger):
    """MLflow's webhook: an alias was set, perhaps to the version that it already named."""

    name: str
    alias: str
    version: int


class AliasRemoved(Trigger):
    """MLflow's webhook: an alias was removed. It does not say from which version."""

    name: str
    alias: str


def from_webhook(body: Mapping[str, Any]) -> Trigger | None:
    """The trigger in MLflow's webhook envelope, or None for an event that the loop does not follow."""
    match body["entity"], body["action"]:
        case "model_version", "created":
            return VersionCreated.model_validate(body["data"])
        case "model_version_alias", "created":
            return AliasSet.model_validate(body["data"])
        case "model_version_alias", "deleted":
            return AliasRemoved.model_validate(body["data"])
    return None
