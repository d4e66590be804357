"""The nodes that turn `features` into the probability `p`; a checked ONNX model with two columns out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, ML_OPSET, IR_VERSION = 17, 3, 9
Constants = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Graph:
    """ONNX nodes from `features` float32 (n, f) to `p` float32 (n, 1), and the constants that they name."""

    nodes: Sequence[onnx.NodeProto]
    constants: Constants


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as arrays over its nodes; a leaf is its own left child, and `value` counts only there."""

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    missing_left: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float32]

    @property
    def leaf(self) -> npt.NDArray[np.bool_]:
        """Which nodes are leaves."""
        ends: npt.NDArray[np.bool_] = self.left == np.arange(len(self.left))
        return ends


def sum_of_trees(trees: Iterable[Tree], branch: str, base: float, output: str) -> onnx.NodeProto:
    """A node that adds up one leaf of every tree and `base`; `branch` is the mode that sends a row to the left."""
    trees = list(trees)
    sizes = [len(tree.left) for tree in trees]
    node = np.concatenate([np.arange(size) for size in sizes])
    leaf = np.concatenate([tree.leaf for tree in trees])
    ids = np.repeat(np.arange(len(trees)), sizes)
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        [output],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[base],
        nodes_treeids=ids,
        nodes_nodeids=node,
        nodes_modes=["LEAF" if end else branch for end in leaf],
        nodes_featureids=np.concatenate([tree.feature for tree in trees]),
        nodes_values=np.concatenate([tree.threshold for tree in trees]),
        nodes_truenodeids=np.concatenate([tree.left for tree in trees]),
        nodes_falsenodeids=np.concatenate([tree.right for tree in trees]),
        nodes_missing_value_tracks_true=np.concatenate([tree.missing_left for tree in trees]).astype(np.int64),
        target_treeids=ids[leaf],
        target_nodeids=node[leaf],
        target_ids=np.zeros(leaf.sum(), np.int64),
        target_weights=np.concatenate([tree.value for tree in trees])[leaf],
    )


def save(graph: Graph, width: int, path: Path) -> None:
    """Write the model: `features` float32 (n, width) in, `probabilities` float32 (n, 2) out."""
    ends = [
        helper.make_node("Sub", ["one", "p"], ["q"]),
        helper.make_node("Concat", ["q", "p"], ["probabilities"], axis=1),
    ]
    constants = {**graph.constants, "one": np.array(1, np.float32)}
    model = helper.make_model(
        helper.make_graph(
            [*graph.nodes, *ends],
            "loan_default",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", width])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
            [numpy_helper.from_array(array, name) for name, array in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=IR_VERSION,
        producer_name="headrace",
    )
    onnx.checker.check_model(model)
    onnx.save(model, path)
