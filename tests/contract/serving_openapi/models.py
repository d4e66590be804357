"""An exported model and any payload in; its answer, checked for what holds of every answer, or its refusal, out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from headrace.errors import BadData
from headrace.models.session import Session
from headrace.workload import Codec, Instance
from services.inference.hosting.models import Workload


class Model:
    """One workload's codec, graph, log and drift, as the service and the drift job put them together."""

    def __init__(self, workload: Workload, export: Path) -> None:
        self.name = workload.name
        self.example: Mapping[str, Any] = workload.description.example
        self.serving: Any = workload.serving()
        self.codec: Codec = self.serving.open(export)
        self._session = Session(export, 8)

    def said(self, instance: Instance) -> dict[str, Any] | str:
        """The answer, or the sentence of the refusal. Fails when either is not what it has to be."""
        try:
            inputs = self.codec.encode([instance])
        except BadData as refusal:
            sentence = str(refusal)
            assert 10 < len(sentence.encode()) < 2000
            return sentence
        outputs = self._session.run(inputs)
        assert all(np.isfinite(array).all() for array in outputs.values())
        (answer,) = self.codec.decode(outputs, [instance])
        _check(answer)
        self._check_log(instance)
        return answer

    def _check_log(self, instance: Instance) -> None:
        """What was accepted is logged, and what was logged is described as what was accepted is."""
        logged = msgspec.json.decode(msgspec.json.encode(self.serving.loggable([instance])))
        for column in self.serving.describe([instance]).values():
            assert column.shape == (1,)
        for column in self.serving.describe(logged).values():
            assert column.shape == (1,)


def _check(answer: Mapping[str, Any]) -> None:
    read = msgspec.json.decode(msgspec.json.encode(answer))
    assert read
    for name, value in answer.items():
        if name.endswith("probability"):
            assert 0 <= value <= 1
    assert None not in read.values()
