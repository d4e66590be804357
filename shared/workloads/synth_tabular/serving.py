"""An exported model's answers, its scores on labelled rows, and the columns watched for drift."""

import csv
from collections.abc import Sequence
from io import StringIO
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from headrace.instances import Table
from headrace.workload import Arrays, Codec, Examples, Instance, Serving

from .classes import Identities, identities
from .codec import TableCodec
from .dataset import Rows
from .header import LABEL
from .metrics import Floats, scores


class _Serving:
    """NumPy only. Columns are those of the data, so nothing here knows their names."""

    def open(self, export: Path) -> Codec:
        return TableCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        rows = Rows.read(folder)
        names = np.array(rows.classes, object)[rows.y]
        return Examples(Table(rows.features, rows.x), names, {"class": names})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        """A class that the model does not know has no probability."""
        truth, known = identities(labels), cast(Identities, outputs["classes"])
        probabilities = cast(Floats, outputs["probabilities"])
        predicted = known[np.arange(len(truth)), probabilities.argmax(1)]
        return {
            "y": truth,
            "predicted": predicted,
            "right": predicted == truth,
            "sure": probabilities.max(1).astype(np.float64),
            "p": np.where(known == truth[:, None], probabilities, 0).sum(1, dtype=np.float64),
            "label": np.asarray(labels, object),
        }

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        truth, predicted = cast(Identities, outcomes["y"]), cast(Identities, outcomes["predicted"])
        return scores(truth, predicted, cast(Floats, outcomes["p"]))

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        if isinstance(instances, Table):
            return instances.columns()
        names = sorted(instances[0]) if instances else []
        if len(names) > 1 and sum(map(len, instances)) == len(names) * len(instances):
            try:  # three times as fast, where all rows have the same names
                return Table.of(names, map(itemgetter(*names), instances), len(instances)).columns()
            except (KeyError, TypeError):  # as many values, but of other names, or without a number
                pass
        return {name: _column(instances, name) for name in sorted(set().union(*instances))}

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{name: value for name, value in row.items() if value is not None} for row in instances]

    def truth(self, labels: Sequence[str]) -> npt.NDArray[np.object_]:
        return np.array(labels, object)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        names = sorted({name for row in instances for name in row})
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*names, LABEL])
        writer.writerows([*map(row.get, names), label] for row, label in zip(instances, labels, strict=True))
        return text.getvalue().encode()


def _column(instances: Sequence[Instance], name: str) -> npt.NDArray[np.float64]:
    return np.array([row.get(name) for row in instances], np.float64)


serving: Serving = _Serving()
