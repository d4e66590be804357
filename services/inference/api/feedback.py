"""True labels, by request id, in; lines on their way to the bus out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from headrace.ports import Clock
from services.inference.telling.outbox import Outbox
from services.inference.web import answers
from services.inference.web.answers import Answer, Refused
from services.inference.web.request import Request

TOPIC = "feedback"
MAX_BODY = 1 << 20
FORMS = '{"request_id": …, "label": …} or {"feedback": [such objects]}'


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What turned out to be true of one row of a request; `index` counts its rows from 0."""

    request_id: Annotated[str, Meta(min_length=1, max_length=128)]
    label: Annotated[str, Meta(min_length=1, max_length=1000)] | int | float
    index: Annotated[int, Meta(ge=0)] = 0


class _Many(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    feedback: Annotated[list[Feedback], Meta(min_length=1, max_length=10_000)]


class Told(msgspec.Struct, frozen=True):
    """One feedback as it is logged; the label is a string, as `Serving.labelled` takes it."""

    time: datetime
    workload: str
    feedback: Feedback

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""
        return 400 + len(str(self.feedback.label))

    def encode(self) -> bytes:
        """The line as JSON."""
        said = self.feedback
        line = {"time": self.time, "request_id": said.request_id, "index": said.index}
        return answers.encode(line | {"workload": self.workload, "label": str(said.label)})


@dataclass(slots=True)
class Collector:
    """`POST …/feedback` of one workload."""

    workload: str
    outbox: Outbox
    clock: Clock

    async def collect(self, request: Request) -> Answer:
        """Take one feedback or a list of them, all or none."""
        said = _read(await request.body(MAX_BODY))
        now = self.clock.now()
        for one in said:
            self.outbox.put(Told(now, self.workload, one))
        return answers.says({"accepted": len(said), "request_id": request.id}, 202)


def _read(body: bytes) -> list[Feedback]:
    try:
        sent = msgspec.json.decode(body)
        if isinstance(sent, dict) and "feedback" in sent:
            return msgspec.convert(sent, _Many).feedback
        return [msgspec.convert(sent, Feedback)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, f"not feedback: {error}; send {FORMS}") from None
