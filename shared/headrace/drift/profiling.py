"""A newly exported model and its splits in; what later checks hold its predictions against, beside it, out.

A check never reads training data again: `profile-*.npz` counts it, `reference.json` has a sample of it for people to
look at, and `outcomes.npz` says how well the model did on held-out rows.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace import catalogue, loading
from headrace.drift import ANSWERS, INPUTS, LABELS, Profile, answer_columns, label_columns
from headrace.drift.describing import described_by
from headrace.workload import Arrays, Examples

if TYPE_CHECKING:
    from headrace.models.scoring import Scorer

SAMPLE, OUTCOMES = "reference.json", "outcomes.npz"
SAMPLE_ROWS = 2000
HELD_ROWS = 10_000
"""So many held-out rows at most are answered."""


def keep(name: str, scorer: "Scorer", learned: Examples, held: Examples, folder: Path) -> None:
    """Describe the rows `learned`, have the `held` ones answered, and write it all to `folder`."""
    rule = catalogue.describe(name).drift
    with loading.user_code(name, "describing the training data"):
        inputs = _described(name, learned, rule.reference_rows)
    answers, outcomes = _answered(scorer, held)
    columns = {INPUTS: inputs, ANSWERS: answers, LABELS: label_columns(learned.labels)}
    Profile.of({part: without(each, rule.ignore) for part, each in columns.items()}).write(folder)
    _write_sample(inputs, len(learned.instances), folder)
    named: dict[str, Any] = {key: each.astype(str) if each.dtype == object else each for key, each in outcomes.items()}
    np.savez_compressed(folder / OUTCOMES, **named)


def outcomes_on_held_rows(folder: Path) -> Arrays:
    """What `Serving.metrics` makes scores of, one row an example. Raises FileNotFoundError for an older export."""
    with np.load(folder / OUTCOMES, allow_pickle=False) as kept:
        return {key: kept[key].astype(object) if kept[key].dtype.kind == "U" else kept[key] for key in kept.files}


def without(columns: Arrays, ignored: tuple[str, ...]) -> Arrays:
    """The columns that are watched."""
    return {name: values for name, values in columns.items() if name not in ignored}


def _described(name: str, examples: Examples, most: int) -> Arrays:
    rows = _drawn(len(examples.instances), most)
    return loading.serving(name).describe([examples.instances[row] for row in rows])


def _answered(scorer: "Scorer", held: Examples) -> tuple[Arrays, Arrays]:
    rows = _drawn(len(held.instances), HELD_ROWS)
    instances = [held.instances[row] for row in rows]
    parts = scorer.answered(instances, held.labels[rows])
    return {**answer_columns(parts.answers), **described_by(scorer.codec, instances)}, parts.outcomes


def _write_sample(columns: Arrays, total: int, folder: Path) -> None:
    rows = _drawn(len(next(iter(columns.values()))), SAMPLE_ROWS)
    listed = {column: values[rows].tolist() for column, values in columns.items()}
    (folder / SAMPLE).write_text(json.dumps({"rows": total, "columns": listed}))


def _drawn(total: int, most: int) -> "np.typing.NDArray[np.int64]":
    """At most so many of `total` rows, in their order; the same ones every time."""
    return np.sort(np.random.default_rng(0).permutation(total)[:most])
