"""Trains networks: one loop for every workload that uses PyTorch.

A workload derives from `Learner` and calls `fit`; device, precision, distribution, checkpoints and progress are no
concern of its own.
"""

from headrace.learning.exporting import export_onnx
from headrace.learning.fit import fit
from headrace.learning.learner import Batch, Fitted, Learner, Networks, Update
from headrace.learning.predicting import run_network
from headrace.learning.recipe import Recipe

__all__ = ["Batch", "Fitted", "Learner", "Networks", "Recipe", "Update", "export_onnx", "fit", "run_network"]
