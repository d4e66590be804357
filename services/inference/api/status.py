"""What the service hosts in; what it says of itself out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.inference.hosting.follower import Follower
from services.inference.hosting.hosted import Failure, Hosted
from services.inference.hosting.sources import CHAMPION
from services.inference.telling.outbox import Outbox
from services.inference.trying import report
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
        """Every workload that has a champion answers; 503 while it is not known of one whether it has."""
        if unknown := [name for name, hosted in self.hosted.items() if not hosted.is_known]:
            return _not_ready(f"the registry has not answered yet, and nothing is cached of {', '.join(unknown)}")
        if missing := [name for name, hosted in self.hosted.items() if not hosted.ready]:
            return _not_ready(f"no model is loaded of {', '.join(missing)}")
        return answers.says({"ready": True})

    async def models(self, _: Request) -> Answer:
        """What answers for each workload, since when, and what went wrong last."""
        logs = {
            box.topic: {"published": box.published.total(), "waiting": box.waiting, "dropped": box.dropped.total()}
            for box in self.outboxes
        }
        models = [_model(hosted) for hosted in self.hosted.values()]
        return answers.says({"models": models, "registry": self._registry(), "logs": logs})

    def _registry(self) -> dict[str, Any]:
        """Whether the registry is followed, and what answers otherwise."""
        if self.follower.outage is None:
            said = "it is followed" if self.follower.has_looked else "it has not answered yet"
            return {"followed": self.follower.has_looked, "state": said}
        known = "what it named last goes on answering" if self.follower.has_looked else "what the cache knows answers"
        return {"followed": False, "state": f"it does not answer; {known}", "reason": self.follower.outage}


def _not_ready(reason: str) -> Answer:
    return Answer(503, answers.encode({"ready": False, "reason": reason}), RETRY)


def _model(hosted: Hosted) -> dict[str, Any]:
    served, description, source = hosted.served, hosted.workload.description, hosted.workload.source
    return {
        "name": description.name,
        "title": description.title,
        "alias": source.alias,
        "pin": None if source == CHAMPION else hosted.workload.uri,
        "champion": hosted.champion,
        "version": served.version if served else None,
        "loaded_at": served.loaded_at if served else None,
        "precision": (served.precision if served else "") or None,
        "swaps": hosted.swaps,
        "failures": hosted.failures,
        "last_failure": _failure(hosted.last_failure),
        "challenger": report.state(hosted),
        "max_rows": description.serving.max_rows,
        "example": description.example,
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {"version": failure.version, "reason": failure.reason, "at": failure.at, "attempts": failure.attempts}
