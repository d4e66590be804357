"""A trained network in; a checked ONNX model with a dynamic batch, out."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.export import Dim

from headrace.workload import Arrays

OPSET = 20


def export_onnx(
    network: nn.Module,
    example: Arrays,
    outputs: Sequence[str],
    path: Path,
    dynamic: Mapping[str, Mapping[int, str]] | None = None,
) -> None:
    """Write `network` to `path`.

    `example` holds the inputs by name in the order of the network's arguments, two or more examples of each. The first
    axis is dynamic; `dynamic` names further axes of an input that are: `{"tokens": {1: "length"}}`.
    """
    axes = {name: {0: "n", **(dynamic or {}).get(name, {})} for name in example}
    dims = {label: Dim(label) for labels in axes.values() for label in labels.values()}
    network.eval()
    with _quiet():
        program: Any = torch.onnx.export(
            network,
            tuple(torch.from_numpy(np.ascontiguousarray(array)) for array in example.values()),
            input_names=list(example),
            output_names=list(outputs),
            dynamic_shapes=tuple({axis: dims[label] for axis, label in axes[name].items()} for name in example),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    _check(program.model.graph, axes)
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # the lines of code that it came from
    program.save(str(path), external_data=False)


def _check(graph: Any, axes: Mapping[str, Mapping[int, str]]) -> None:
    """An axis of which the network took the length as a plain number is no longer dynamic."""
    for given in graph.inputs:
        for axis, label in axes[given.name].items():
            if isinstance(given.shape[axis], int):
                raise ValueError(
                    f"the network takes {given.name!r} only with {given.shape[axis]} along axis {axis} ({label}); "
                    "use x.shape[0] in place of len(x), and no branch that depends on it"
                )


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of its own libraries' deprecations, and of torchvision, which is not there."""
    registration: Any = logging.getLogger("torch.onnx")
    level = registration.level
    registration.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        registration.setLevel(level)
