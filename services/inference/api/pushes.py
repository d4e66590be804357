"""A Pub/Sub push in; when it says that a champion or a challenger changed, what the registry names now, out."""

import logging
from dataclasses import dataclass
from typing import Any

import msgspec

from headrace import logs, tracing
from headrace.bus import envelope
from headrace.errors import Rejected
from headrace.events import ChallengerNamed, ModelPromoted, ModelRejected
from services.inference.access.pushers import Pushers
from services.inference.hosting.follower import Follower
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

log = logging.getLogger("headrace.inference.pushes")

FOLLOWED = (ModelPromoted, ModelRejected, ChallengerNamed)
ACKNOWLEDGED = Answer(204, b"")


class _Message(msgspec.Struct, frozen=True):
    data: str = ""
    attributes: dict[str, str] | None = None


class _Push(msgspec.Struct, frozen=True):
    message: _Message


@dataclass(slots=True)
class Inbox:
    """`POST /events`, for `pushers` alone. A 2xx acknowledges; anything else has Pub/Sub deliver the event again."""

    follower: Follower
    workloads: frozenset[str]
    pushers: Pushers | None = None

    async def receive(self, request: Request) -> Answer:
        """Acknowledge what is not for this service; follow a change before acknowledging it."""
        if self.pushers:
            await self.pushers.check(request)
        try:
            received = envelope.unseal({"type": envelope.PUSHED}, _message(request.content))
        except Rejected as reason:
            log.warning("not followed: %s", reason)
            return ACKNOWLEDGED
        with tracing.use(received.trace.child()), logs.about(received.id):
            return await self._follow(received.fact)

    async def _follow(self, fact: Any) -> Answer:
        if not isinstance(fact, FOLLOWED) or fact.workload not in self.workloads:
            log.info("not followed: %s", fact)
            return ACKNOWLEDGED
        try:
            await self.follower.refresh(fact.workload)
        except Exception as error:
            log.warning("the event is asked for again: %s", error)
            return answers.says({"error": f"what is named of {fact.workload} does not answer yet"}, 500)
        return ACKNOWLEDGED


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(body, type=_Push).message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"not a wrapped Pub/Sub push: {error}") from None
    return {"message": msgspec.to_builtins(message)}
