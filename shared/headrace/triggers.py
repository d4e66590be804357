"""What the world outside tells the platform: facts that others make and that never go on our bus."""

from collections.abc import Mapping
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


def from_webhook(body: Mapping[str, Any]) -> Trigger | None:
    """The trigger in MLflow's webhook envelope, or None for an event that the loop does not follow."""
    match body["entity"], body["action"]:
        case "model_version", "created":
            return VersionCreated.model_validate(body["data"])
        case "model_version_alias", "created":
            return AliasSet.model_validate(body["data"])
    return None
