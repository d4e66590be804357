"""A trained network and arrays in; its outputs as arrays, out."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from headrace.workload import Arrays

BATCH = 64


def run_network(
    network: nn.Module, inputs: Arrays, outputs: Sequence[str]
) -> dict[str, "np.typing.NDArray[np.generic]"]:
    """The network's `outputs` by name, on inputs given in the order of its arguments, in batches on the CPU."""
    network.eval()
    with torch.inference_mode():
        parts = [_tuple(network(*part)) for part in _parts(inputs)]
    return {name: torch.cat([part[place] for part in parts]).numpy() for place, name in enumerate(outputs)}


def _parts(inputs: Arrays) -> Iterator[list[Tensor]]:
    tensors = [torch.from_numpy(np.ascontiguousarray(array)) for array in inputs.values()]
    for start in range(0, len(tensors[0]), BATCH):
        yield [tensor[start : start + BATCH] for tensor in tensors]


def _tuple(found: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return found if isinstance(found, tuple) else (found,)
