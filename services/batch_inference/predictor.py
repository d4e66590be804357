"""Instances in; for each the model's answer, or the reason why it has none, out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headrace import catalogue, loading
from headrace.errors import BadData, WorkloadFailed
from headrace.models.session import Session
from headrace.workload import Arrays, Instance

Answer = Mapping[str, Any]


class Predictor:
    """One exported model, given as many instances at once as its serving gives it."""

    def __init__(self, workload: str, export: Path) -> None:
        description = catalogue.describe(workload)
        self._workload, self.most = workload, description.serving.batch
        with loading.user_code(workload, "loading the exported model"):
            self._codec = loading.serving(workload).open(export)
            self._session = Session(export, self.most)
            self.fields = self._codec.fields
            example = self._answers([description.example])[0]
        if isinstance(example, str):
            raise WorkloadFailed(f"the model of {workload} does not answer the workload's own example: {example}")
        self.columns = tuple(example)

    def answers(self, instances: Sequence[Instance]) -> list[Answer | str]:
        """One for each, a reason being a text. Raises WorkloadFailed when the workload's code fails on any of them."""
        with loading.user_code(self._workload, "scoring a batch"):
            return self._answers(instances)

    def _answers(self, instances: Sequence[Instance]) -> list[Answer | str]:
        """What fails together is tried in halves, until what is at fault is alone."""
        try:
            outputs = self._session.run(self._codec.encode(instances))
            _check(outputs)
        except BadData as reason:
            if len(instances) == 1:
                return [str(reason)]
            half = len(instances) // 2
            return self._answers(instances[:half]) + self._answers(instances[half:])
        answers: list[Answer | str] = [*self._codec.decode(outputs, instances)]
        if len(answers) != len(instances):
            raise WorkloadFailed(f"{self._workload} gave {len(answers)} answers to {len(instances)} instances")
        return answers


def _check(outputs: Arrays) -> None:
    for name, array in outputs.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise BadData(f"the model's {name} for it is no number")
