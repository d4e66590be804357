"""MLflow's registry and runs, as far as the platform reads and writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Version:
    """A model version: `source` is where its artifacts are, `tags` carry the platform's facts about it."""

    workload: str
    number: int
    run_id: str
    source: str
    created: datetime
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    """What the run that made a version says of its training."""

    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A training's run, while it is under way and afterwards; `experiment` is the id of the one it belongs to."""

    run_id: str
    experiment: str
    logged: Logged


class Registry(Protocol):
    """MLflow's model registry; a registered model is named after its workload."""

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        """Every registered model with its aliases: `{workload: {alias: version}}`."""

    def versions(self, workload: str) -> Sequence[Version]:
        """Oldest first; none when the model does not exist."""

    def version(self, workload: str, number: int) -> Version:
        """Raises NotFound."""

    def alias(self, workload: str, alias: str) -> Version | None:
        """The version that the alias names, if any."""

    def set_alias(self, workload: str, alias: str, number: int) -> None:
        """Move or create the alias."""

    def delete_alias(self, workload: str, alias: str) -> None:
        """Nothing happens when there is none."""

    def tag(self, workload: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""

    def register(self, workload: str, run_id: str, source: str, tags: Mapping[str, str]) -> Version:
        """Create a version, and the registered model when it is the first."""

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        """What a run logged under `path`, registered or not, as version 0 of the workload. Raises NotFound."""

    def download(self, version: Version, folder: Path) -> None:
        """The version's artifacts into `folder`."""

    def training(self, version: Version) -> Logged:
        """What was logged as the version was trained. Raises NotFound for one that no run made."""

    def tracked(self, workload: str, job: str) -> Tracked | None:
        """The run of the training with this id, if it has begun one."""

    def curve(self, run_id: str, metric: str, most: int = 300) -> Sequence[tuple[int, float]]:
        """A metric of a run step by step, thinned out where there are more than `most` of them."""

    def attach(self, version: Version, path: str, content: bytes) -> None:
        """Keep or replace a file among the artifacts of the version's run. Raises NotFound where there is no place."""

    def attachment(self, version: Version, path: str) -> bytes:
        """A file among the artifacts of the version's run. Raises NotFound."""
