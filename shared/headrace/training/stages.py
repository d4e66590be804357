"""A dataset in; its splits, then a trained and exported model, then its scores, out: all of it in folders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headrace import catalogue, loading
from headrace.drift import profiling
from headrace.errors import WorkloadFailed
from headrace.models.quantising import EXAMPLES, quantise
from headrace.models.scoring import Scorer
from headrace.options.quantised import Quantised
from headrace.workload import Arrays, Dataset, Examples, Instance, Native, Prepared, Run, Serving

PARITY_ROWS = 1000
_AT_ONCE = 16
SAME_ANSWERS = 0.999
"""Of the exported model's answers so many are the trained one's; a tie may fall either way."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the exported model is from the trained one: the largest difference, the share of the same answers."""

    difference: float
    same: float


@dataclass(frozen=True, slots=True)
class Exported:
    """A model as serving gets it, in the folder `export` of so many bytes, and as others may want it, in `kept`."""

    export: Path
    parity: Parity
    size: int
    kept: Path
    native: Native | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Scores on the test split, and drawings and tables of them by file name."""

    scores: Mapping[str, float]
    figures: Mapping[str, bytes]


def prepare(name: str, dataset: Dataset, split: Path) -> Prepared:
    """Check the files in `dataset` and write `split/train` and `split/test`."""
    with loading.user_code(name, "preparing the data"):
        return loading.training(name).prepare(dataset, split)


def fit(name: str, params: Mapping[str, Any], split: Path, run: Run) -> Any:
    """A model trained on `split/train`."""
    with loading.user_code(name, "training"):
        return loading.training(name).train(split / "train", params, run)


def export(name: str, model: Any, split: Path, folder: Path, quantised: Quantised | None = None) -> Exported:
    """Write `folder/export` and `folder/kept`, and hold the export against `model` on rows of `split/test`.

    Raises WorkloadFailed when they are not the same model, within what its candidate says where it is quantised.
    """
    training, serving = loading.training(name), loading.serving(name)
    target, kept = folder / "export", folder / "kept"
    target.mkdir(parents=True)
    kept.mkdir()
    with loading.user_code(name, "exporting"):
        training.export(model, target)
        native = training.keep(model, kept)
        examples, learned = serving.examples(split / "test"), serving.examples(split / "train")
        if quantised:
            quantise(target, _inputs(serving, target, learned))
    bounds = Parity(quantised.max_parity, quantised.min_same) if quantised else _exact(name)
    scorer = Scorer(name, target)
    parity = _parity(name, model, scorer, examples, bounds)
    profiling.keep(name, scorer, learned, examples, target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return Exported(target, parity, size, kept, native)


def evaluate(name: str, export: Path, split: Path) -> Evaluated:
    """Score the exported model on `split/test`."""
    serving = loading.serving(name)
    with loading.user_code(name, "reading the test split"):
        examples = serving.examples(split / "test")
    outcomes = Scorer(name, export).outcomes(examples)
    with loading.user_code(name, "drawing figures"):
        return Evaluated(serving.metrics(outcomes), loading.training(name).figures(outcomes))


def _exact(name: str) -> Parity:
    """What may be the difference where the export is to be the same model."""
    return Parity(catalogue.describe(name).promotion.max_parity, SAME_ANSWERS)


def _inputs(serving: Serving, export: Path, examples: Examples) -> Iterator[Arrays]:
    """Examples as the graph is given them, a few at a time."""
    codec, rows = serving.open(export), np.random.default_rng(0).permutation(len(examples.instances))[:EXAMPLES]
    for part in np.array_split(np.sort(rows), -(-len(rows) // _AT_ONCE)):
        yield codec.encode([examples.instances[row] for row in part])


def _parity(name: str, model: Any, scorer: Scorer, examples: Examples, bounds: Parity) -> Parity:
    """Raises WorkloadFailed when the export is another model."""
    instances, most = examples.instances[:PARITY_ROWS], catalogue.describe(name).serving.batch
    differences, same = [0.0], []
    for start in range(0, len(instances), most):
        part = instances[start : start + most]
        inputs = scorer.codec.encode(part)
        with loading.user_code(name, "predicting"):
            native = loading.training(name).predict(model, inputs)
        exported = scorer.run(inputs)
        differences.append(_largest_difference(native, exported))
        same += _same_labels(scorer, native, exported, part)
    parity = Parity(max(differences), float(np.mean(same)) if same else 1.0)
    if parity.difference > bounds.difference:
        raise WorkloadFailed(
            f"the exported {name} differs from the trained one by {parity.difference:.2g}, "
            f"more than the {bounds.difference:g} allowed"
        )
    if parity.same < bounds.same:
        raise WorkloadFailed(
            f"the exported {name} gives another label than the trained one to {1 - parity.same:.2%}, "
            f"more than the {1 - bounds.same:.2%} allowed"
        )
    return parity


def _same_labels(scorer: Scorer, native: Arrays, exported: Arrays, instances: Sequence[Instance]) -> list[bool]:
    """Whether each answer carries the same label; nothing when answers carry none."""
    ours, theirs = (scorer.codec.decode(outputs, instances) for outputs in (native, exported))
    pairs = zip(ours, theirs, strict=True)
    return [left["label"] == right["label"] for left, right in pairs if "label" in left]


def _largest_difference(ours: Arrays, exported: Arrays) -> float:
    pairs = [(np.asarray(ours[key], "f8"), np.asarray(exported[key], "f8")) for key in ours]
    return max(float(np.max(np.abs(left - right), initial=0.0)) for left, right in pairs)
