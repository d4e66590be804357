"""True labels, ratings and comments, by request id, in; lines on their way to the bus, and what they add up to, out."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from headrace.ports import Clock
from services.inference.telling.feedback import Feedback, Told
from services.inference.telling.outbox import Outbox
from services.inference.telling.tally import Tally
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

AT_ONCE = 256
"""Rows that are taken before others have their turn."""

FORMS = '{"request_id": …, "label": …} or {"feedback": [such objects]}'


class Many(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Feedback on several rows."""

    feedback: Annotated[list[Feedback], Meta(min_length=1, max_length=10_000)]


@dataclass(slots=True)
class Collector:
    """`POST …/feedback` and `GET …/feedback/stats` of one workload."""

    workload: str
    outbox: Outbox
    clock: Clock
    tally: Tally

    async def collect(self, request: Request) -> Answer:
        """Take feedback on one row or several, all or none; told again it changes nothing, told anew it counts."""
        said = _read(request.content)
        now = self.clock.now()
        for place, one in enumerate(said, 1):
            self.outbox.put(Told(now, self.workload, request.caller, one))
            self.tally.count(one)
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
        return answers.says({"accepted": len(said), "request_id": request.id}, 202)

    async def stats(self, _: Request) -> Answer:
        """What was told to this instance of the service."""
        return answers.says({"model": self.workload, **self.tally.stats()})


def _read(body: bytes) -> list[Feedback]:
    try:
        sent = msgspec.json.decode(body)
        many = isinstance(sent, dict) and "feedback" in sent
        said = msgspec.convert(sent, Many).feedback if many else [msgspec.convert(sent, Feedback)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"not feedback: {error}; send {FORMS}") from None
    for index, one in enumerate(said):
        if not one.says:
            where = f"feedback[{index}]" if many else "the feedback"
            raise Refused(400, f"{where} says nothing: it needs a label, a rating (1 to 5) or a comment; send {FORMS}")
    return said
