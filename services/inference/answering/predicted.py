"""What one call of a model was asked in; what it said, and what may be kept of each request's instances, out."""

from collections.abc import Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Any, NamedTuple

from msgspec import Raw

from headrace.workload import Arrays, Instance
from services.inference.hosting.models import Served
from services.inference.web import answers


class Predicted(NamedTuple):
    """Predictions and the model that made them.

    `kept` will be what may be kept of the instances, where the thread that answered makes it.
    """

    predictions: list[dict[str, Any]]
    served: Served
    kept: Future[Raw] | None = None


class Kept:
    """What may be kept of the instances of some requests that shared a call, as JSON: a list a request in `texts`.

    To be made when the answers are on their way, from what was decoded for them.
    """

    def __init__(self, served: Served, asked: Sequence[Sequence[Instance]], inputs: Arrays) -> None:
        self._served, self._asked, self._inputs = served, asked, inputs
        self.texts = [Future[Raw]() for _ in asked]

    def make(self) -> None:
        """Make it. What the workload cannot make fit to be kept has its own request fail only."""
        instances = [instance for each in self._asked for instance in each]
        try:
            kept = iter(self._served.serving.loggable(instances, self._inputs))
            made = [_as_json([*islice(kept, len(each))]) for each in self._asked]
        except Exception:
            self._make_each()
        else:
            for text, each in zip(self.texts, made, strict=True):
                text.set_result(each)

    def _make_each(self) -> None:
        for text, each in zip(self.texts, self._asked, strict=True):
            try:
                text.set_result(_as_json(self._served.serving.loggable(each)))
            except Exception as error:
                text.set_exception(error)


def _as_json(instances: list[Instance]) -> Raw:
    """Instances as they stand in a line of the log."""
    return Raw(answers.encode(instances))
