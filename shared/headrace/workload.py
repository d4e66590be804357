"""What the author of a workload writes, and all that a workload may import from the platform.

A workload is a folder under `shared/workloads/` with a `workload.yaml` and three modules, split by what they need
installed: `intake` (the standard library), `serving` (NumPy, Pillow) and `training` (whatever the model needs). Each
holds one object named after its module that fulfils the protocol below. A workload sees files and arrays, never the
cloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from headrace.errors import BadData, Interrupted, Pruned

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

__all__ = [
    "Arrays",
    "BadData",
    "Codec",
    "Dataset",
    "Describing",
    "Examples",
    "Field",
    "Instance",
    "Intake",
    "Interrupted",
    "Native",
    "Prepared",
    "Pruned",
    "Run",
    "Serving",
    "Training",
    "World",
]

Instance = Mapping[str, Any]
"""One thing to predict, as JSON would carry it: a row, `{"text": …}`, `{"image": …}`."""

Arrays = Mapping[str, "Array"]
"""Arrays by name, examples along the first axis: the inputs or outputs of an ONNX graph, or columns of a table."""


@dataclass(frozen=True, slots=True)
class World:
    """The processes that train one model together: `nodes` machines with `devices` each; this one is `rank`."""

    nodes: int = 1
    devices: int = 1
    rank: int = 0

    @property
    def size(self) -> int:
        """How many processes there are."""
        return self.nodes * self.devices


class Run(Protocol):
    """One training as the platform follows it. Only rank 0 is heard; the others may call everything all the same."""

    @property
    def world(self) -> World:
        """Who trains together."""

    @property
    def stopping(self) -> bool:
        """True when the machine is about to be taken away: save, and raise Interrupted."""

    def progress(self, share: float, words: str) -> None:
        """The share of the training done so far (0 to 1) and a few words."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """A point on each curve; a step that was logged before is left as it is. Raises Pruned to end a trial."""

    def picture(self, name: str, png: bytes) -> None:
        """A drawing to look at, such as `samples/epoch-003.png`."""

    def restore(self) -> Path | None:
        """The folder last saved by this training before it was interrupted, if any. From now on a stop is announced."""

    def save(self, folder: Path, step: int) -> None:
        """Keep the files in `folder`, all or none, in place of what was saved before."""


class Dataset(Protocol):
    """The files of one dataset version, some of which may still be on their way."""

    @property
    def names(self) -> Sequence[str]:
        """Paths within the dataset, with slashes, sorted folder by folder; files arrive in this order."""

    def path(self, name: str) -> Path:
        """Where the file lies. Waits until it has arrived, so several threads may well ask for one each.

        What it raises is not the workload's to catch.
        """


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


@dataclass(frozen=True, slots=True)
class Native:
    """A trained model in its own library's terms, which MLflow logs in that library's flavour."""

    flavour: Literal["pytorch", "sklearn", "xgboost"]
    model: Any
    example: Arrays
    """Two or more examples of the graph's inputs."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an instance: what a form, a table's column or a tensor of that name holds.

    An `image` is a file's bytes, in JSON as base64. `choices` are the values that the model knows, where it knows some.
    A number has its bounds in `least` and `most`, and comes in `steps`, where the codec refuses others. `usual` is what
    counts where nothing is sent.
    """

    name: str
    kind: Literal["number", "text", "boolean", "image"]
    about: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    steps: float | None = None
    usual: float | bool | None = None


class Codec(Protocol):
    """JSON to arrays and back for one exported model; its state was read from the export folder."""

    @property
    def fields(self) -> Sequence[Field]:
        """What an instance may hold."""

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The graph's inputs for `instances`. Raises BadData naming the field, its value and what was expected."""

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One JSON answer an instance, for the graph's `outputs` on what `encode` made of the same `instances`."""


@runtime_checkable
class Describing(Protocol):
    """A codec that has something to say of instances which only the model knows, such as the words it never learned."""

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        """Columns (each of shape (n,)) to watch for drift beside the answers, as `Serving.describe` has them."""


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
        """Per-example columns (each of shape (n,)) that `metrics` needs, from truth and a graph's outputs.

        Two pairs have a meaning: `p`, the probability of a yes, with `y`, whether it was one (bool), is what fairness
        and calibration are judged on. Where there are more classes than two, calibration is judged on `sure`, the
        probability of the answer, with `right`, whether it was (bool).
        """

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        """Scores over the rows of `outcomes`; called on resampled rows, so it must not depend on their order."""

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        """Columns (each of shape (n,)) to watch for drift: numbers as float64, categories as str objects."""

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        """The instances without what must never be kept: personal fields, large payloads."""

    def truth(self, labels: Sequence[str]) -> "Array":
        """Labels (n,) as `Examples` has them, of what feedback calls them. Raises BadData naming what is no label."""

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        """A file that `Training.prepare` reads, of loggable instances whose true label has become known."""


class Training(Protocol):
    """From a dataset to an exported model. `model` is whatever the workload's own library calls one."""

    def prepare(self, dataset: Dataset, folder: Path) -> Prepared:
        """Check the files in `dataset` and write `folder/train` and `folder/test`, the same for the same content.

        Files may still be arriving: ask for each when it is read. Raises BadData when no honest model can come of them.
        """

    def train(self, folder: Path, params: Mapping[str, Any], run: Run) -> Any:
        """A model trained on `folder` (the train split) with one candidate's `params`; deterministic in both."""

    def predict(self, model: Any, inputs: Arrays) -> Arrays:
        """The trained model's own outputs for a graph's inputs: what the export is compared with."""

    def export(self, model: Any, folder: Path) -> None:
        """Write `folder/model.onnx` (dynamic batch) and whatever `Serving.open` needs beside it, as data."""

    def keep(self, model: Any, folder: Path) -> Native | None:
        """Write to `folder` what serving does without and others may want (a state_dict, networks beside the exported).

        Returns the model for MLflow's own flavour of it, where there is one.
        """

    def figures(self, outcomes: Arrays) -> Mapping[str, bytes]:
        """Drawings and tables of `Serving.outcomes` on the test split by file name: `confusion.png`, `roc.csv`."""
