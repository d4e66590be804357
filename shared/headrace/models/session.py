"""An exported graph in; its outputs on arrays of any length, in bounded memory, out."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime

from headrace.workload import Arrays

log = logging.getLogger("headrace.session")

GPU, PROCESSOR = "CUDAExecutionProvider", "CPUExecutionProvider"


class Session:
    """ONNX Runtime on `export/model.onnx`: on a GPU if there is one, else on so many threads; `most` rows at once."""

    def __init__(self, export: Path, most: int, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(threads, os.cpu_count() or 1)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # cores that wait serve others
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        wanted = [each for each in (GPU, PROCESSOR) if each in onnxruntime.get_available_providers()]
        self._run = onnxruntime.InferenceSession(str(export / "model.onnx"), options, providers=wanted)
        if GPU in wanted and GPU not in self._run.get_providers():
            log.warning("no GPU can be used here, so that the model runs on processors")
        self._most = most
        self.outputs = tuple(output.name for output in self._run.get_outputs())

    def run(self, inputs: Arrays) -> Arrays:
        """The graph's outputs by name."""
        if len(next(iter(inputs.values()))) <= self._most:
            return self._outputs(inputs)
        parts = [self._outputs(part) for part in self._parts(inputs)]
        return {name: np.concatenate([part[name] for part in parts]) for name in self.outputs}

    def _outputs(self, inputs: Arrays) -> Arrays:
        return dict(zip(self.outputs, self._run.run(self.outputs, dict(inputs)), strict=True))

    def _parts(self, inputs: Arrays) -> Iterator[Arrays]:
        rows = len(next(iter(inputs.values())))
        for start in range(0, rows, self._most):
            yield {name: array[start : start + self._most] for name, array in inputs.items()}
