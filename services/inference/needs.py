"""What the inference service asks of the platform and of a workload: less than either offers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from headrace.ports import Bus, Clock, Version
from headrace.workload import Codec, Instance


class Registry(Protocol):
    """The model registry, read only."""

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        """Every registered model with its aliases: `{workload: {alias: version}}`."""

    def alias(self, workload: str, alias: str) -> Version | None:
        """The version that the alias names, if any."""

    def version(self, workload: str, number: int) -> Version:
        """Raises NotFound."""

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        """What a run logged under `path`, as a version without a number. Raises NotFound."""

    def download(self, version: Version, folder: Path) -> None:
        """The version's artifacts into `folder`."""


class Platform(Protocol):
    """Where models come from, and where lines and events go."""

    @property
    def component(self) -> str:
        """The name of the deployable."""

    @property
    def registry(self) -> Registry:
        """MLflow."""

    @property
    def bus(self) -> Bus:
        """Pub/Sub."""

    @property
    def clock(self) -> Clock:
        """The time."""


class Serving(Protocol):
    """The part of a workload that answers."""

    def open(self, export: Path, /) -> Codec:
        """The codec of the model exported to the folder `export`."""

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        """The instances without what must never be kept."""
