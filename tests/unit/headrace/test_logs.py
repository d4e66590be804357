import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest

from headrace import logs, tracing
from headrace.tracing import Trace

log = logging.getLogger("headrace.tests")


Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What was written to standard error since logs were configured; the test runner's own handlers come back."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("acme-mlops")
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers = handlers
        root.setLevel(level)


def test_a_line_is_one_json_object_with_severity_message_and_time(lines: Lines) -> None:
    log.warning("version %d of %s:\nkept", 7, "löan")
    (line,) = lines()
    assert (line["severity"], line["message"]) == ("WARNING", "version 7 of löan:\nkept")
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
    assert line.keys() == {"severity", "message", "time"}


def test_a_line_in_a_trace_names_it_as_cloud_logging_wants_it(lines: Lines) -> None:
    with tracing.use(Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")):
        log.info("hello")
    (line,) = lines()
    assert line["logging.googleapis.com/trace"] == "projects/acme-mlops/traces/4bf92f3577b34da6a3ce929d0e0e4736"
    assert line["logging.googleapis.com/spanId"] == "00f067aa0ba902b7"


def test_every_line_about_an_event_carries_its_id_and_no_line_afterwards(lines: Lines) -> None:
    with logs.about("event-1"):
        log.info("one")
        logging.getLogger("somebody.else").error("two")
    log.info("three")
    assert [line.get("event_id") for line in lines()] == ["event-1", "event-1", None]


def test_what_extra_brings_is_a_field_of_the_line(lines: Lines) -> None:
    log.info("hello", extra={"notification": "event-1", "rows": 3})
    (line,) = lines()
    assert (line["notification"], line["rows"]) == ("event-1", 3)


def test_an_exception_is_in_the_message_with_its_traceback(lines: Lines) -> None:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        log.exception("it failed")
    (line,) = lines()
    assert line["severity"] == "ERROR"
    assert line["message"].startswith("it failed\nTraceback (most recent call last)")
    assert line["message"].endswith("ZeroDivisionError: by zero")


def test_what_is_no_json_is_written_as_text(lines: Lines) -> None:
    log.info("hello", extra={"folder": PurePosixPath("/a")})
    (line,) = lines()
    assert line["folder"] == "/a"


def test_debug_lines_are_not_written(lines: Lines) -> None:
    log.debug("noise")
    assert lines() == []
