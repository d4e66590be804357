"""A request of tensors in; its workload's predictions as tensors out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headrace.workload import Field
from services.inference.answering.engine import Engine
from services.inference.answering.lane import Predicted
from services.inference.answering.rows import Rows
from services.inference.api.tables.rows import MOST_CELLS
from services.inference.api.tensors import columns, message, outputs
from services.inference.api.tensors.message import Framing, Output
from services.inference.api.tensors.models import Models
from services.inference.api.tensors.outputs import Datatypes
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

_BINARY = b"application/octet-stream"
_LENGTH = b"inference-header-content-length"


@dataclass(slots=True)
class _Body:
    """Reads a body; keeps what it says of the answer."""

    framing: Framing
    fields: Sequence[Field]
    datatypes: Datatypes
    id: str = ""
    outputs: Sequence[Output] = ()
    binary: bool = False

    def read(self, body: bytes) -> Rows:
        """The rows of the input tensors. Raises Refused."""
        said, binary = message.split(self.framing, body)
        if not said.inputs:
            raise Refused(400, f"inputs is empty; send tensors for {', '.join(each.name for each in self.fields)}")
        self.id, self.outputs, self.binary = said.id, said.outputs, said.parameters.get("binary_data_output") is True
        self.wanted(self.datatypes)
        found = columns.read(said.inputs, self.fields, binary)
        if (cells := sum(map(len, found.values()))) > MOST_CELLS:
            raise Refused(413, f"the request has {cells} values; send at most {MOST_CELLS} at once")
        return Rows([dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)])

    def wanted(self, datatypes: Datatypes) -> dict[str, bool]:
        """The outputs to answer with, and whether they are to be binary. Raises Refused for what no answer has."""
        for output in self.outputs:
            if output.name not in datatypes:
                there = ", ".join(datatypes)
                raise Refused(400, f"there is no output {output.name[:60]!r}; this model answers with {there}")
            if others := output.parameters.keys() - {"binary_data"}:
                raise Refused(400, f"output {output.name[:60]!r}: {min(others)[:60]!r} is not offered; leave it out")
        if not self.outputs:
            return dict.fromkeys(datatypes, self.binary)
        return {each.name: each.parameters.get("binary_data", self.binary) is True for each in self.outputs}


@dataclass(slots=True)
class Infer:
    """`POST /v2/models/{name}[/versions/{version}]/infer` of one workload."""

    engine: Engine
    models: Models

    async def infer(self, request: Request) -> Answer:
        """Answer with the outputs that are asked for, or with all."""
        asked = self.models.asked(request)
        served = asked or self.engine.hosted.choose()
        encoding = request.headers.get(b"content-encoding", b"").strip().lower()
        framing = Framing(encoding, request.headers.get(_LENGTH, b""), self.engine.most_bytes)
        body = _Body(framing, served.codec.fields, await self.models.datatypes(served))
        predicted, _ = await self.engine.answer(request, body.read, asked, packed=bool(encoding))
        return _answer(predicted, body, await self.models.datatypes(predicted.served))


def _answer(predicted: Predicted, body: _Body, datatypes: Datatypes) -> Answer:
    served, wanted = predicted.served, body.wanted(datatypes)
    said: dict[str, Any] = {"model_name": served.workload, "model_version": str(served.version)}
    if body.id:
        said["id"] = body.id
    found = [outputs.tensor(name, datatypes[name], predicted.predictions, binary) for name, binary in wanted.items()]
    said["outputs"] = [described for described, _ in found]
    text = answers.encode(said)
    if not any(wanted.values()):
        return Answer(200, text)
    data = b"".join((text, *(data for _, data in found)))
    return Answer(200, data, ((_LENGTH, b"%d" % len(text)),), _BINARY)
