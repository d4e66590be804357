import pytest

from headrace import tracing
from headrace.tracing import Trace

HEADER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_traceparent_is_read_and_written_back() -> None:
    trace = tracing.parse(HEADER)
    assert trace == Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert trace.traceparent == HEADER


def test_a_trace_that_was_not_sampled_is_continued_as_sampled() -> None:
    assert tracing.parse(HEADER[:-1] + "0").traceparent == HEADER


@pytest.mark.parametrize(
    "header", [None, "", "nonsense", HEADER.upper(), HEADER + "-more", HEADER[:-3], "01" + HEADER[2:]]
)
def test_without_a_valid_traceparent_the_cause_names_the_trace(header: str | None) -> None:
    trace = tracing.parse(header, cause="event-1")
    assert trace == tracing.parse(None, cause="event-1")
    assert trace != tracing.parse(None, cause="event-2")
    assert tracing.parse(trace.traceparent) == trace


def test_without_a_cause_every_trace_is_new() -> None:
    assert tracing.parse(None) != tracing.parse(None)


def test_a_child_is_another_span_of_the_same_trace() -> None:
    trace = tracing.parse(HEADER)
    child = trace.child()
    assert child.trace_id == trace.trace_id
    assert child.span_id != trace.span_id
    assert tracing.parse(child.traceparent) == child


def test_a_trace_is_current_for_its_block_and_the_one_around_it_afterwards() -> None:
    outer, inner = tracing.parse(HEADER), tracing.parse(HEADER).child()
    assert tracing.active() is None
    with tracing.use(outer):
        with tracing.use(inner):
            assert tracing.current() == inner
        assert tracing.current() == outer
    assert tracing.active() is None


def test_outside_of_any_trace_the_current_one_is_new() -> None:
    assert tracing.current() != tracing.current()


def test_a_block_that_raises_leaves_no_trace_behind() -> None:
    with pytest.raises(ZeroDivisionError), tracing.use(tracing.parse(HEADER)):
        raise ZeroDivisionError
    assert tracing.active() is None
