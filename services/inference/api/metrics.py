"""What the service counts in; `GET /metrics`, as Prometheus reads it, out."""

import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import process_time

from services.inference.answering.engine import Engine
from services.inference.telling.exposition import Sample, family
from services.inference.telling.metrics import Meter
from services.inference.telling.outbox import Outbox
from services.inference.telling.prediction_log import PredictionLog
from services.inference.trying import report
from services.inference.web.answers import Answer
from services.inference.web.bodies import Bodies
from services.inference.web.request import Request

CONTENT = b"text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class Metrics:
    """`GET /metrics`. `meters` has one more than there are workloads: that of the service itself, under ``."""

    engines: Mapping[str, Engine]
    meters: Mapping[str, Meter]
    outboxes: Sequence[Outbox]
    logs: Mapping[str, PredictionLog]
    bodies: Bodies

    async def page(self, _: Request) -> Answer:
        """Every metric."""
        return Answer(200, "\n".join((*self._lines(), "")).encode(), content=CONTENT)

    def _lines(self) -> Iterator[str]:
        yield from family("headrace_requests_total", "counter", "Requests by status.", self._requests())
        yield from family("headrace_request_seconds", "histogram", "From arrival to answer.", self._seconds())
        yield from family("headrace_in_flight", "gauge", "Requests that have no answer yet.", self._in_flight())
        held: list[Sample] = [("", {}, self.bodies.held)]
        yield from family("headrace_held_body_bytes", "gauge", "Bytes of large bodies that are in hand.", held)
        yield from family(
            "headrace_waiting_rows",
            "gauge",
            "Rows that no model call has taken yet.",
            self._each(lambda engine: engine.lane.waiting),
        )
        yield from family("headrace_call_rows", "histogram", "Rows in one call of the model.", self._batches())
        yield from family("headrace_predictions_total", "counter", "Answers by label.", self._predictions())
        yield from family("headrace_model_version", "gauge", "The version that answers.", self._versions())
        yield from family(
            "headrace_swaps_total",
            "counter",
            "Changes of the version that answers.",
            self._each(lambda engine: engine.hosted.swaps),
        )
        yield from family(
            "headrace_load_failures_total",
            "counter",
            "Versions not loaded.",
            self._each(lambda engine: engine.hosted.failures),
        )
        yield from report.families({name: engine.hosted for name, engine in self.engines.items()})
        yield from family("headrace_log_lines_total", "counter", "Lines for the bus by what came of them.", self._log())
        bare: list[Sample] = [("", {"workload": name}, each.bare) for name, each in self.logs.items()]
        yield from family("headrace_log_bare_lines_total", "counter", "Lines without what was asked: no time.", bare)
        yield from family("headrace_log_waiting_lines", "gauge", "Lines not on the bus yet.", self._backlog())
        yield from family("process_cpu_seconds_total", "counter", "Time on cores.", [("", {}, process_time())])
        yield from family("process_max_resident_bytes", "gauge", "Memory at its peak.", [("", {}, _peak_bytes())])

    def _requests(self) -> Iterator[Sample]:
        for name, meter in self.meters.items():
            for (api, status), count in meter.statuses.items():
                yield "", {"workload": name, "api": api, "status": status}, count

    def _seconds(self) -> Iterator[Sample]:
        for name, meter in self.meters.items():
            for api, histogram in meter.seconds.items():
                yield from histogram.samples({"workload": name, "api": api})

    def _in_flight(self) -> Iterator[Sample]:
        return (("", {"workload": name}, meter.in_flight) for name, meter in self.meters.items())

    def _batches(self) -> Iterator[Sample]:
        for name in self.engines:
            yield from self.meters[name].batches.samples({"workload": name})

    def _predictions(self) -> Iterator[Sample]:
        for name, meter in self.meters.items():
            for (version, label), count in meter.labels.items():
                yield "", {"workload": name, "version": version, "label": label}, count

    def _versions(self) -> Iterator[Sample]:
        for name, engine in self.engines.items():
            for served in engine.hosted.loaded:
                yield "", {"workload": name, "alias": served.alias}, served.version

    def _each(self, value: Callable[[Engine], float]) -> Iterator[Sample]:
        return (("", {"workload": name}, value(engine)) for name, engine in self.engines.items())

    def _log(self) -> Iterator[Sample]:
        for box in self.outboxes:
            for outcome, lines in (("published", box.published), ("dropped", box.dropped)):
                for name in self.engines:
                    yield "", {"topic": box.topic, "workload": name, "outcome": outcome}, lines[name]

    def _backlog(self) -> Iterator[Sample]:
        return (("", {"topic": box.topic}, box.waiting) for box in self.outboxes)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
