"""Log records in; one JSON object a line out, in the fields that Cloud Logging reads."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from headrace import tracing

_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "taskName", "asctime", "color_message"}
_event_id: ContextVar[str | None] = ContextVar("event_id", default=None)


class _CloudLogging(logging.Formatter):
    """Cloud Logging's structured JSON: severity, message, trace, and whatever `extra` brought."""

    def __init__(self, project: str) -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        line = {"severity": record.levelname, "message": record.getMessage(), "time": _rfc3339(record)}
        if trace := tracing.active():
            line["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{trace.trace_id}"
            line["logging.googleapis.com/spanId"] = trace.span_id
        if event := _event_id.get():
            line["event_id"] = event
        line |= {key: value for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info:
            line["message"] += "\n" + self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(project: str, *libraries: str) -> None:
    """Send every record of level INFO and above to standard error as structured JSON.

    That is also done with what `libraries` write, which have a way of their own.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_CloudLogging(project))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in libraries:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True


@contextmanager
def about(event_id: str) -> Iterator[None]:
    """Put `event_id` on every line logged in the block."""
    token = _event_id.set(event_id)
    try:
        yield
    finally:
        _event_id.reset(token)


def _rfc3339(record: logging.LogRecord) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(record.created, UTC).isoformat()
