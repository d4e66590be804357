"""An answered request in; the line that drift and evaluation read of it, without personal fields, out."""

from datetime import datetime
from typing import Any

import msgspec

from services.inference.answering.rows import Reader
from services.inference.hosting.models import Served
from services.inference.web import answers

TOPIC = "predictions"


class Answered(msgspec.Struct, frozen=True, gc=False):
    """One answered request. It keeps the body rather than what was read from it: that is a tenth of the memory."""

    time: datetime
    request_id: str
    trace: str
    caller: str
    served: Served
    body: bytes
    reader: Reader
    predictions: list[dict[str, Any]]
    seconds: float

    @property
    def workload(self) -> str:
        """Whose line it is."""
        return self.served.workload

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""
        return len(self.body) + 400 * len(self.predictions)

    def encode(self) -> bytes:
        """The line as JSON."""
        rows = self.reader(self.body).instances
        line = {
            "time": self.time,
            "request_id": self.request_id,
            "workload": self.served.workload,
            "version": self.served.version,
            "trace": self.trace,
            "instances": self.served.serving.loggable(rows),
            "predictions": self.predictions,
            "latency_ms": round(self.seconds * 1000, 3),
        }
        return answers.encode(line)
