"""A folder with samples of a reference and a window in; Evidently's page about them, beside them, out.

It is a process of its own, `python -m services.drift.page FOLDER`: Evidently takes seconds and half a gigabyte. What
it makes is for people to look at; no decision depends on it.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays

REFERENCE, WINDOW = "reference.json", "window.json"
PAGES = ("report.html", "report.json")
SECONDS = 300


def draw(reference: Arrays, window: Arrays, folder: Path) -> None:
    """Have the page and its numbers written to `folder`. Raises subprocess.SubprocessError."""
    shared = _comparable(reference, window)
    for name, columns in ((REFERENCE, reference), (WINDOW, window)):
        (folder / name).write_text(json.dumps({column: columns[column].tolist() for column in shared}))
    command = [sys.executable, "-m", "services.drift.page", str(folder)]
    try:
        subprocess.run(command, check=True, timeout=SECONDS, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise subprocess.SubprocessError(f"Evidently failed: {error.stderr.strip()[-500:]}") from error


def main(folder: Path) -> None:
    """What the process does."""
    reference, window = (_columns(folder / name) for name in (REFERENCE, WINDOW))
    snapshot = _compared(reference, window)
    snapshot.save_html(str(folder / PAGES[0]))
    (folder / PAGES[1]).write_text(snapshot.json())


def _compared(reference: Arrays, window: Arrays) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently's own imports warn of NumPy's future
        import pandas as pd
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        numbers = [name for name, values in reference.items() if values.dtype.kind == "f"]
        definition = DataDefinition(
            numerical_columns=numbers, categorical_columns=[name for name in reference if name not in numbers]
        )
        datasets = [Dataset.from_pandas(pd.DataFrame(dict(rows)), definition) for rows in (window, reference)]
        return Report([DataDriftPreset()]).run(*datasets)


def _comparable(reference: Arrays, window: Arrays) -> list[str]:
    """The columns that hold something on both sides; Evidently refuses empty ones."""
    return [name for name in reference if name in window and _holds(reference[name]) and _holds(window[name])]


def _holds(values: Any) -> bool:
    return bool(np.isfinite(values).any()) if values.dtype.kind == "f" else bool(len(values))


def _columns(path: Path) -> Arrays:
    return {name: as_array(values) for name, values in json.loads(path.read_text()).items()}


def as_array(values: list[Any]) -> "np.typing.NDArray[Any]":
    """A column that was written as JSON: numbers, or else categories."""
    return np.array(values, object if any(isinstance(value, str) for value in values) else np.float64)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
