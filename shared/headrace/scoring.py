"""An exported model and a frozen test set in; per-example outcomes, from which every score follows, out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headrace import catalogue
from headrace.session import Session
from headrace.workload import Arrays, Examples


class Scorer:
    """Runs one exported model on as many rows at once as its serving does."""

    def __init__(self, workload: str, export: Path) -> None:
        self._workload = workload
        self._serving = catalogue.serving(workload)
        self._most = catalogue.describe(workload).serving.batch
        with catalogue.user_code(workload, "loading the exported model"):
            self.codec = self._serving.open(export)
            self._session = Session(export, self._most)

    def run(self, inputs: Arrays) -> Arrays:
        """The graph's outputs by name."""
        return self._session.run(inputs)

    def outcomes(self, examples: Examples) -> Arrays:
        """The columns that the workload's metrics need, one row an example, in order. Raises WorkloadFailed."""
        with catalogue.user_code(self._workload, "scoring"):
            parts = list(self._parts(examples))
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _parts(self, examples: Examples) -> Iterator[Arrays]:
        for start in range(0, len(examples.instances), self._most):
            stop = start + self._most
            outputs = self.run(self.codec.encode(examples.instances[start:stop]))
            yield self._serving.outcomes(examples.labels[start:stop], outputs)
