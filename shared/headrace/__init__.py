"""Headrace: drop data into a bucket, and a better model is serving."""

import os

# What it is built on reports each use to its makers unless told not to: MLflow, Evidently, and ONNX Runtime, whose
# thread for it a forked worker loses, and dies of when it ends.
for _variable, _value in {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}.items():
    os.environ.setdefault(_variable, _value)
