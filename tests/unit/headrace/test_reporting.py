"""What is built on tells its makers nothing, however a process of the platform begins."""

import subprocess
import sys

import pytest

MLFLOW = "from mlflow.telemetry.utils import is_telemetry_disabled; print(is_telemetry_disabled())"
EVIDENTLY = "from evidently.telemetry import event_logger; print(not event_logger.is_enabled())"
THREADS = "import os, numpy; threads = lambda: len(os.listdir('/proc/self/task')); before = threads(); "
THREADS += "import headrace.models.session; print(threads() == before)"


@pytest.mark.parametrize("asked", [MLFLOW, EVIDENTLY, THREADS], ids=["MLflow", "Evidently", "ONNX Runtime"])
def test_a_library_does_not_report_once_headrace_is_imported(asked: str) -> None:
    command = [sys.executable, "-c", f"import headrace; {asked}"]
    told = subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
