"""What the service hosts in; what it says of itself out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.inference.hosting.follower import Follower
from services.inference.hosting.hosted import Failure, Hosted
from services.inference.hosting.models import CHAMPION
from services.inference.telling.outbox import Outbox
from services.inference.web import answers
from services.inference.web.answers import Answer
from services.inference.web.request import Request

RETRY = ((b"retry-after", b"2"),)


@dataclass(slots=True)
class Status:
    """`/health`, `/ready` and `/models`."""

    hosted: Mapping[str, Hosted]
    follower: Follower
    outboxes: Sequence[Outbox]

    async def health(self, _: Request) -> Answer:
        """The process answers."""
        return answers.says({"status": "ok"})

    async def ready(self, _: Request) -> Answer:
        """Every workload that has a champion answers; 503 before the registry was first asked."""
        if not self.follower.has_looked:
            return Answer(503, answers.encode({"ready": False, "reason": "the registry has not answered yet"}), RETRY)
        missing = [name for name, hosted in self.hosted.items() if not hosted.ready]
        if missing:
            reason = f"no model is loaded of {', '.join(missing)}"
            return Answer(503, answers.encode({"ready": False, "reason": reason}), RETRY)
        return answers.says({"ready": True})

    async def models(self, _: Request) -> Answer:
        """What answers for each workload, since when, and what went wrong last."""
        logs = {
            box.topic: {"published": box.published, "waiting": box.waiting, "dropped": box.dropped}
            for box in self.outboxes
        }
        return answers.says({"models": [_model(hosted) for hosted in self.hosted.values()], "logs": logs})


def _model(hosted: Hosted) -> dict[str, Any]:
    served, description = hosted.served, hosted.workload.description
    return {
        "name": description.name,
        "title": description.title,
        "alias": CHAMPION,
        "champion": hosted.champion,
        "version": served.version if served else None,
        "loaded_at": served.loaded_at if served else None,
        "swaps": hosted.swaps,
        "failures": hosted.failures,
        "last_failure": _failure(hosted.last_failure),
        "max_rows": description.serving.max_rows,
        "example": description.example,
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {"version": failure.version, "reason": failure.reason, "at": failure.at, "attempts": failure.attempts}
