"""An exported model and a frozen test set in; per-example outcomes, from which every score follows, out."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime

from headrace import catalogue
from headrace.workload import Arrays, Examples

BATCH = 256


class Scorer:
    """Runs one exported model with ONNX Runtime, on one thread."""

    def __init__(self, workload: str, export: Path) -> None:
        self._workload = workload
        self._serving = catalogue.serving(workload)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        with catalogue.user_code(workload, "loading the exported model"):
            self.codec = self._serving.open(export)
            self._session = onnxruntime.InferenceSession(str(export / "model.onnx"), options)
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Arrays) -> Arrays:
        """The graph's outputs by name."""
        return dict(zip(self._outputs, self._session.run(self._outputs, dict(inputs)), strict=True))

    def outcomes(self, examples: Examples) -> Arrays:
        """The columns that the workload's metrics need, one row an example, in order. Raises WorkloadFailed."""
        with catalogue.user_code(self._workload, "scoring"):
            parts = list(self._parts(examples))
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _parts(self, examples: Examples) -> Iterator[Arrays]:
        for start in range(0, len(examples.instances), BATCH):
            stop = start + BATCH
            outputs = self.run(self.codec.encode(examples.instances[start:stop]))
            yield self._serving.outcomes(examples.labels[start:stop], outputs)
