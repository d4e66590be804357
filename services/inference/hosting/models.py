"""An export folder in; a model that answers instances, loaded and warm, out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from headrace.catalogue import Description
from headrace.errors import WorkloadFailed
from headrace.models.session import Session
from headrace.options.quantised import PRECISION
from headrace.ports import Version
from headrace.workload import Codec, Instance
from services.inference.hosting.sources import CHAMPION, Source
from services.inference.needs import Serving
from services.inference.web import answers

_WARM_UP_CALLS, _WARM_UP_ROWS = 4, 16
_SLOW = 0.05


@dataclass(frozen=True, slots=True)
class Workload:
    """What the service hosts: a description, the code that goes with it, imported when first needed, and a source."""

    description: Description
    serving: Callable[[], Serving]
    source: Source = CHAMPION

    @property
    def name(self) -> str:
        """The workload's name, which is its registered model's too."""
        return self.description.name

    @property
    def uri(self) -> str:
        """What is served of it, as MLflow writes it."""
        return self.source.uri(self.name)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Served:
    """One loaded version; a call cost `call_seconds`, and each of its rows `row_seconds`, when it was warmed.

    `precision` is what its graph computes in, as far as its training said.
    """

    workload: str
    version: int
    alias: str
    loaded_at: datetime
    serving: Serving
    codec: Codec
    session: Session
    call_seconds: float = 0.0
    row_seconds: float = 0.0
    precision: str = ""

    def seconds(self, rows: int) -> float:
        """About how long a call with so many rows lasts."""
        return self.call_seconds + rows * self.row_seconds

    def predict(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One prediction an instance. Raises BadData when an instance is at fault, anything else when the model is."""
        outputs = self.session.run(self.codec.encode(instances))
        for name, array in outputs.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise WorkloadFailed(f"version {self.version} of {self.workload} computed a {name} that is no number")
        predictions = self.codec.decode(outputs, instances)
        if len(predictions) != len(instances):
            raise WorkloadFailed(f"{self.workload} gave {len(predictions)} answers to {len(instances)} instances")
        return predictions


def load(workload: Workload, version: Version, folder: Path, now: datetime, alias: str) -> Served:
    """The model in `folder`, which has answered the workload's example."""
    serving, limits = workload.serving(), workload.description.serving
    served = Served(
        workload=workload.name,
        version=version.number,
        alias=alias,
        loaded_at=now,
        serving=serving,
        codec=serving.open(folder),
        session=Session(folder, limits.batch, limits.threads),
        precision=version.tags.get(PRECISION, ""),
    )
    return _timed(served, workload.description.example)


def _timed(served: Served, example: Instance) -> Served:
    """The same, knowing what it costs. The first calls make buffers and fill caches; slow models are called less."""
    one = _least_seconds(served, [example])
    if one > _SLOW:
        return replace(served, row_seconds=one)
    several = _least_seconds(served, [example] * _WARM_UP_ROWS)
    one = min(one, _least_seconds(served, [example]))  # once more, now that several have warmed what one had not
    row = max(0.0, (several - one) / (_WARM_UP_ROWS - 1))
    return replace(served, call_seconds=max(0.0, one - row), row_seconds=row)


def _least_seconds(served: Served, instances: Sequence[Instance]) -> float:
    taken: list[float] = []
    while len(taken) < _WARM_UP_CALLS and sum(taken) < _SLOW:
        started = perf_counter()
        answers.encode(served.predict(instances))
        taken.append(perf_counter() - started)
    return min(taken)
