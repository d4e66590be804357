"""What the author of a workload writes, and all that a workload may import from the platform.

A workload is a folder under `shared/workloads/` with a `workload.yaml` and three modules, split by what they need
installed: `intake` (the standard library), `serving` (NumPy, Pillow) and `training` (whatever the model needs). Each
holds one object named after its module that fulfils the protocol below. A workload sees folders and arrays, never the
cloud.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from headrace.errors import BadData

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

__all__ = ["Arrays", "BadData", "Codec", "Examples", "Instance", "Intake", "Prepared", "Report", "Serving", "Training"]

Instance = Mapping[str, Any]
"""One thing to predict, as JSON would carry it: a row, `{"text": …}`, `{"image": …}`."""

Arrays = Mapping[str, "Array"]
"""Arrays by name, examples along the first axis: the inputs or outputs of an ONNX graph, or columns of a table."""

Report = Callable[[float, str], None]
"""Progress: the share done so far (0 to 1) and a few words."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled instances: a frozen test set, or the training rows a reference is drawn from.

    `labels` has one entry an instance. `slices` names groups that are scored on their own: `{slice: (n,) of names}`.
    """

    instances: Sequence[Instance]
    labels: "Array"
    slices: Arrays = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of a dataset: how many examples each split has, and what the user should know about the data."""

    train: int
    test: int
    notes: Sequence[str] = ()


class Codec(Protocol):
    """JSON to arrays and back for one exported model; its state was read from the export folder."""

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The graph's inputs for `instances`. Raises BadData naming the field, its value and what was expected."""

    def decode(self, outputs: Arrays) -> list[dict[str, Any]]:
        """One JSON answer an instance for the graph's `outputs`."""


class Intake(Protocol):
    """What can be known of a file from its first bytes, with nothing but the standard library."""

    def peek(self, name: str, head: bytes) -> None:
        """Look at the first bytes of the file `name`; raises BadData when the workload cannot use it."""


class Serving(Protocol):
    """Everything but training: it must run where only NumPy (and Pillow) are installed."""

    def open(self, export: Path) -> Codec:
        """The codec of the model exported to the folder `export`."""

    def examples(self, folder: Path) -> Examples:
        """Read a split that `Training.prepare` wrote."""

    def outcomes(self, labels: "Array", outputs: Arrays) -> Arrays:
        """Per-example columns (each of shape (n,)) that `metrics` needs, from truth and a graph's outputs."""

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        """Scores over the rows of `outcomes`; called on resampled rows, so it must not depend on their order."""

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        """Columns (each of shape (n,)) to watch for drift: numbers as float64, categories as str objects."""

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        """The instances without what must never be kept: personal fields, large payloads."""

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        """A file that `Training.prepare` reads, of loggable instances whose true label has become known."""


class Training(Protocol):
    """From a dataset folder to an exported model. `model` is whatever the workload's own library calls one."""

    def prepare(self, dataset: Path, folder: Path) -> Prepared:
        """Check the files in `dataset` and write `folder/train` and `folder/test`, the same for the same content.

        Raises BadData when no honest model can come of it.
        """

    def train(self, folder: Path, params: Mapping[str, Any], report: Report) -> Any:
        """A model trained on `folder` (the train split) with one candidate's `params`; deterministic in both."""

    def predict(self, model: Any, inputs: Arrays) -> Arrays:
        """The trained model's own outputs for a graph's inputs: what the export is compared with."""

    def export(self, model: Any, folder: Path) -> None:
        """Write `folder/model.onnx` (dynamic batch) and whatever `Serving.open` needs beside it, as data."""
