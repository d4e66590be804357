"""An exported graph and examples of its inputs in; the same graph computing in eight bits, in its place, out."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from headrace.workload import Arrays

EXAMPLES = 200
"""How many are enough to know the range of every activation."""


class _Examples:
    """What ONNX Runtime's calibration asks for, one call of the graph after the other."""

    def __init__(self, inputs: Iterable[Arrays]) -> None:
        self._inputs: Iterator[Arrays] = iter(inputs)

    def get_next(self) -> dict[str, Any] | None:
        """The next inputs, or nothing more."""
        found = next(self._inputs, None)
        return None if found is None else dict(found)


def quantise(export: Path, inputs: Iterable[Arrays]) -> None:
    """Replace `export/model.onnx`: convolutions and products in eight bits, weights scaled channel by channel."""
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    graph, inferred = export / "model.onnx", export / ".inferred.onnx"
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # it says of every node that it has not quantised that it has not
    try:
        quant_pre_process(str(graph), str(inferred), skip_symbolic_shape=True)
        quantize_static(
            str(inferred),
            str(graph),
            _Examples(inputs),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "ConvTranspose", "Gemm", "MatMul"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    finally:
        inferred.unlink(missing_ok=True)
        logger.setLevel(level)
