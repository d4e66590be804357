"""A workload and the version in a path in; that version, where it is the one that is loaded, and its metadata, out."""

import asyncio
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from weakref import WeakKeyDictionary

from headrace.workload import Instance
from services.inference.answering.engine import Engine
from services.inference.api.tensors import outputs
from services.inference.api.tensors.datatypes import OF_FIELD
from services.inference.api.tensors.outputs import Datatypes
from services.inference.hosting.models import Served
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

_PLATFORM = "onnxruntime_onnx"
EXTENSIONS = ("binary_tensor_data",)


async def server(_: Request) -> Answer:
    """`GET /v2`."""
    said = {"name": "headrace", "version": version("headrace"), "extensions": EXTENSIONS}
    return answers.says(said)


async def live(_: Request) -> Answer:
    """`GET /v2/health/live`."""
    return answers.says({"live": True})


@dataclass(slots=True)
class Models:
    """`GET /v2/models/{name}` of one workload, and what is known of its loaded versions."""

    engine: Engine
    _known: "WeakKeyDictionary[Served, Datatypes]" = field(default_factory=WeakKeyDictionary)

    async def metadata(self, request: Request) -> Answer:
        """The tensors that the version takes and gives."""
        served = self.answering(request)
        datatypes = await self.datatypes(served)
        said = {
            "name": served.workload,
            "versions": [str(each.version) for each in self.engine.hosted.loaded],
            "platform": _PLATFORM,
            "inputs": [_described(each.name, OF_FIELD[each.kind]) for each in served.codec.fields],
            "outputs": [_described(name, datatype) for name, datatype in datatypes.items()],
        }
        return answers.says(said)

    async def ready(self, request: Request) -> Answer:
        """`GET …/ready`: whether the version answers."""
        served = self.answering(request)
        return answers.says({"name": served.workload, "ready": True})

    def asked(self, request: Request) -> Served | None:
        """The loaded version that a path names, if it names one. Raises Refused: 404."""
        _, found, rest = request.path.partition("/versions/")
        if not found:
            return None
        number, loaded = rest.partition("/")[0], self.engine.hosted.loaded
        for served in loaded:
            if str(served.version) == number:
                return served
        there = ", ".join(str(served.version) for served in loaded) or "none yet"
        name = self.engine.hosted.workload.name
        raise Refused(404, f"version {number[:20]!r} of {name} is not loaded; there is {there}")

    def answering(self, request: Request) -> Served:
        """The version that a path names, or the champion. Raises Refused: 404, or 503 while there is none."""
        return self.asked(request) or self.engine.hosted.choose()

    async def datatypes(self, served: Served) -> Datatypes:
        """Those of the answers of a version, as its answer to the workload's example shows them."""
        known = self._known.get(served)
        if known is None:
            example = self.engine.hosted.workload.description.example
            known = self._known[served] = await asyncio.to_thread(_answered, served, example)
        return known


def _answered(served: Served, example: Instance) -> Datatypes:
    return outputs.of_answer(served.predict([example])[0])


def _described(name: str, datatype: str) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1]}
