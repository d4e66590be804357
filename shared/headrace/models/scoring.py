"""An exported model and a frozen test set in; per-example outcomes, from which every score follows, out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace import catalogue, loading
from headrace.models.session import Session
from headrace.workload import Arrays, Examples, Instance

if TYPE_CHECKING:
    from headrace.workload import Array


@dataclass(frozen=True, slots=True)
class Answered:
    """What an exported model answers, and what that is worth, one row an instance each."""

    answers: Sequence[Mapping[str, Any]]
    outcomes: Arrays


class Scorer:
    """Runs one exported model on as many rows at once as its serving does."""

    def __init__(self, workload: str, export: Path) -> None:
        self._workload = workload
        self._serving = loading.serving(workload)
        self._most = catalogue.describe(workload).serving.batch
        with loading.user_code(workload, "loading the exported model"):
            self.codec = self._serving.open(export)
            self._session = Session(export, self._most)

    def run(self, inputs: Arrays) -> Arrays:
        """The graph's outputs by name."""
        return self._session.run(inputs)

    def outcomes(self, examples: Examples) -> Arrays:
        """The columns that the workload's metrics need, one row an example, in order. Raises WorkloadFailed."""
        with loading.user_code(self._workload, "scoring"):
            parts = list(self._parts(examples))
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def answered(self, instances: Sequence[Instance], labels: "Array") -> Answered:
        """The answers as clients get them, but for pictures, with their outcomes. Raises WorkloadFailed."""
        answers: list[Mapping[str, Any]] = []
        outcomes: list[Arrays] = []
        with loading.user_code(self._workload, "answering"):
            for start in range(0, len(instances), self._most):
                part = instances[start : start + self._most]
                outputs = self.run(self.codec.encode(part))
                answers += [_without_pictures(answer) for answer in self.codec.decode(outputs, part)]
                outcomes.append(self._serving.outcomes(labels[start : start + self._most], outputs))
        return Answered(answers, {name: np.concatenate([part[name] for part in outcomes]) for name in outcomes[0]})

    def _parts(self, examples: Examples) -> Iterator[Arrays]:
        for start in range(0, len(examples.instances), self._most):
            stop = start + self._most
            outputs = self.run(self.codec.encode(examples.instances[start:stop]))
            yield self._serving.outcomes(examples.labels[start:stop], outputs)


def _without_pictures(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in answer.items() if not isinstance(value, bytes)}
