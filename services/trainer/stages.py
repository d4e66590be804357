"""A dataset folder in; a trained, exported, compared and scored model, in a folder, out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headrace import catalogue
from headrace.errors import WorkloadFailed
from headrace.scoring import Scorer
from headrace.workload import Arrays, Examples, Report, Serving, Training

REFERENCE_ROWS = 2000
PARITY_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Trained:
    """A model in its export folder, with what was measured on the test split."""

    export: Path
    scores: Mapping[str, float]
    parity: float
    size: int


def train(name: str, candidate: str, split: Path, export: Path, report: Report) -> Trained:
    """Train one candidate on `split/train`, export it to `export` and hold the export against the trained model."""
    description = catalogue.describe(name)
    training, serving = catalogue.training(name), catalogue.serving(name)
    with catalogue.user_code(name, "training"):
        model = training.train(split / "train", description.candidates[candidate], report)
        export.mkdir(parents=True)
        training.export(model, export)
        examples = serving.examples(split / "test")
    _write_reference(serving, serving.examples(split / "train"), export)
    scorer = Scorer(name, export)
    parity = _parity(name, training, model, scorer, examples)
    if parity > description.promotion.max_parity:
        raise WorkloadFailed(
            f"the exported {candidate} differs from the trained one by {parity:.2g}, "
            f"more than the {description.promotion.max_parity:g} allowed"
        )
    outcomes = scorer.outcomes(examples)
    size = sum(path.stat().st_size for path in export.rglob("*") if path.is_file())
    return Trained(export, serving.metrics(outcomes), parity, size)


def _parity(name: str, training: Training, model: Any, scorer: Scorer, examples: Examples) -> float:
    inputs = scorer.codec.encode(examples.instances[:PARITY_ROWS])
    with catalogue.user_code(name, "predicting"):
        native = training.predict(model, inputs)
    return _largest_difference(native, scorer.run(inputs))


def _largest_difference(ours: Arrays, exported: Arrays) -> float:
    pairs = [(np.asarray(ours[key], "f8"), np.asarray(exported[key], "f8")) for key in ours]
    return max(float(np.max(np.abs(left - right), initial=0.0)) for left, right in pairs)


def _write_reference(serving: Serving, examples: Examples, export: Path) -> None:
    total = len(examples.instances)
    rows = np.random.default_rng(0).permutation(total)[:REFERENCE_ROWS]
    columns = serving.describe([examples.instances[row] for row in sorted(rows)])
    listed = {column: values.tolist() for column, values in columns.items()}
    (export / "reference.json").write_text(json.dumps({"rows": total, "columns": listed}))
