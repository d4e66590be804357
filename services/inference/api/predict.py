"""A request with instances in; their predictions by the workload's model, as JSON or as a picture, out."""

from dataclasses import dataclass
from typing import Any

from services.inference.answering.engine import Engine
from services.inference.answering.lane import Predicted
from services.inference.answering.rows import Reader, Rows
from services.inference.api import accepted, contents, instances
from services.inference.api.tensors.models import Models
from services.inference.hosting.models import Served
from services.inference.web import answers
from services.inference.web.answers import Answer, Headers, Refused
from services.inference.web.request import Request

PNG = b"image/png"


@dataclass(slots=True)
class Predict:
    """`POST …[/versions/{version}]/predict` of one workload."""

    engine: Engine
    models: Models

    async def predict(self, request: Request, asked: Served | None = None) -> Answer:
        """Answer with the prediction of one instance, or with `predictions` when several were sent."""
        kind, accept = request.headers.get(b"content-type"), request.headers.get(b"accept")
        reader = instances.read if kind in contents.JSON else self._reader(kind or b"", asked)
        if accept not in accepted.JSON and accepted.wants_png(accept or b"", self._draws):
            return await self._picture(request, reader, asked)
        predicted, rows = await self.engine.answer(request, reader, asked)
        answer: dict[str, Any] = {"predictions": predicted.predictions} if rows.many else predicted.predictions[0]
        return answers.says(answer | origin(predicted, request))

    async def predict_by_version(self, request: Request) -> Answer:
        """The same by the loaded version that the path names, a challenger or the champion. Raises Refused: 404."""
        return await self.predict(request, self.models.answering(request))

    @property
    def _draws(self) -> bool:
        return self.engine.hosted.workload.description.task == "image"

    def _reader(self, kind: bytes, asked: Served | None) -> Reader:
        return contents.reader(kind, (asked or self.engine.hosted.choose()).codec.fields)

    async def _picture(self, request: Request, reader: Reader, asked: Served | None) -> Answer:
        def alone(body: bytes) -> Rows:
            rows = reader(body)
            if len(rows.instances) > 1:
                raise Refused(406, f"a PNG answers one image, not {len(rows.instances)}; accept application/json")
            return rows

        predicted, _ = await self.engine.answer(request, alone, asked)
        image = next((value for value in predicted.predictions[0].values() if isinstance(value, bytes)), None)
        if image is None:
            raise Refused(406, f"{predicted.served.workload} answered without an image; accept application/json")
        return Answer(200, image, _origin(predicted), PNG)


def origin(predicted: Predicted, request: Request) -> dict[str, Any]:
    """Which version answered which request."""
    served = predicted.served
    return {"model": served.workload, "version": served.version, "alias": served.alias, "request_id": request.id}


def _origin(predicted: Predicted) -> Headers:
    served = predicted.served
    return ((b"x-model-version", b"%d" % served.version), (b"x-model-alias", served.alias.encode()))
