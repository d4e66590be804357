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
from headrace.ports import Version
from headrace.session import Session
from headrace.workload import Codec, Instance
from services.inference import answers
from services.inference.needs import Serving

CHAMPION = "champion"
_WARM_UP_CALLS = 4


@dataclass(frozen=True, slots=True)
class Workload:
    """What the service may host: a description, and the code that goes with it, imported when first needed."""

    description: Description
    serving: Callable[[], Serving]

    @property
    def name(self) -> str:
        """The workload's name, which is its registered model's too."""
        return self.description.name


@dataclass(frozen=True, slots=True)
class Served:
    """One loaded version; `row_seconds` is what one row cost when it was warmed."""

    workload: str
    version: int
    alias: str
    loaded_at: datetime
    serving: Serving
    codec: Codec
    session: Session
    row_seconds: float = 0.0

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


def load(workload: Workload, version: Version, folder: Path, now: datetime) -> Served:
    """The model in `folder`, which has answered the workload's example."""
    serving = workload.serving()
    served = Served(
        workload=workload.name,
        version=version.number,
        alias=CHAMPION,
        loaded_at=now,
        serving=serving,
        codec=serving.open(folder),
        session=Session(folder, workload.description.serving.batch),
    )
    seconds = min(_timed(served, workload.description.example) for _ in range(_WARM_UP_CALLS))
    return replace(served, row_seconds=seconds)


def _timed(served: Served, example: Instance) -> float:
    started = perf_counter()
    answers.encode(served.predict([example]))
    return perf_counter() - started
