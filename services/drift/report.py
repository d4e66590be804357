"""Reference and window columns in; Evidently's opinion as a page, as JSON and as a few numbers out."""

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headrace.workload import Arrays

_COLUMN = re.compile(r"ValueDrift\(column=(?P<column>.*),method=(?P<method>.*),threshold=(?P<threshold>.*)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """What Evidently found in one column: a p-value or a distance, and whether it says drift."""

    name: str
    method: str
    value: float
    threshold: float

    @property
    def drifted(self) -> bool:
        """A p-value drifts below its threshold, a distance at or above it."""
        return self.value < self.threshold if "p_value" in self.method else self.value >= self.threshold


def compare(reference: Arrays, current: Arrays, folder: Path) -> list[Column]:
    """Write `report.html` and `report.json` to `folder` and return what each column shows."""
    snapshot = _run(reference, current)
    snapshot.save_html(str(folder / "report.html"))
    (folder / "report.json").write_text(snapshot.json())
    metrics = json.loads(snapshot.json())["metrics"]
    return [column for metric in metrics if (column := _column(metric))]


def _run(reference: Arrays, current: Arrays) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently's own imports warn of NumPy's future
        import pandas as pd
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        numbers = [name for name, values in reference.items() if values.dtype.kind == "f"]
        definition = DataDefinition(
            numerical_columns=numbers, categorical_columns=[name for name in reference if name not in numbers]
        )
        datasets = [Dataset.from_pandas(pd.DataFrame(dict(rows)), definition) for rows in (current, reference)]
        return Report([DataDriftPreset()]).run(*datasets)


def _column(metric: Mapping[str, Any]) -> Column | None:
    found = _COLUMN.fullmatch(metric["metric_name"])
    if not found:
        return None
    return Column(found["column"], found["method"], float(metric["value"]), float(found["threshold"]))


def comparable(reference: Arrays, current: Arrays) -> list[str]:
    """The columns that hold something on both sides; Evidently refuses empty ones."""
    return [name for name in reference if name in current and _holds(reference[name]) and _holds(current[name])]


def _holds(values: Any) -> bool:
    return bool(np.isfinite(values).any()) if values.dtype.kind == "f" else bool(len(values))
