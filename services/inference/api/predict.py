"""A request with instances in; their predictions by the workload's model out."""

from dataclasses import dataclass
from typing import Any

from services.inference.answering.engine import Engine
from services.inference.answering.lane import Predicted
from services.inference.api import instances
from services.inference.web import answers
from services.inference.web.answers import Answer
from services.inference.web.request import Request


@dataclass(slots=True)
class Predict:
    """`POST …/predict` of one workload."""

    engine: Engine

    async def predict(self, request: Request) -> Answer:
        """Answer with the prediction of one instance, or with `predictions` when a list was sent."""
        predicted, rows = await self.engine.answer(request, instances.read)
        answer: dict[str, Any] = {"predictions": predicted.predictions} if rows.many else predicted.predictions[0]
        return answers.says(answer | origin(predicted, request))


def origin(predicted: Predicted, request: Request) -> dict[str, Any]:
    """Which version answered which request."""
    served = predicted.served
    return {"model": served.workload, "version": served.version, "alias": served.alias, "request_id": request.id}
