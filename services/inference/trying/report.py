"""A hosted workload in; how its challenger is tried, as configured and as it happens, for people and Prometheus out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.inference.hosting.hosted import Hosted
from services.inference.telling.exposition import Sample, family
from services.inference.trying.evidence import Side


def state(hosted: Hosted) -> dict[str, Any]:
    """What is configured, and beside it what was measured."""
    rule = hosted.workload.description.serving.challenger
    said: dict[str, Any] = {"state": _word(hosted), **rule.model_dump()}
    if hosted.tried:
        said["last_trial"] = hosted.tried.model_dump(exclude={"workload"})
    if trial := hosted.trial:
        new, old = trial.evidence.challenger, trial.evidence.champion
        said |= {
            "version": trial.challenger.version,
            "share_measured": trial.share,
            "challenger": {"requests": new.requests, "errors": new.errors, "seconds": new.seconds},
            "champion": {"requests": old.requests, "errors": old.errors, "seconds": old.seconds},
            "compared": trial.evidence.compared,
            "disagreement": trial.evidence.disagreement,
            "dropped": trial.dropped,
        }
    return said


def families(hosted: Mapping[str, Hosted]) -> Iterator[str]:
    """The metrics of trials that are under way."""
    yield from family("headrace_trial_share", "gauge", "Share of requests tried.", _shares(hosted))
    yield from family(
        "headrace_trial_requests", "gauge", "Requests of a trial.", _sides(hosted, lambda side: side.requests)
    )
    yield from family(
        "headrace_trial_errors", "gauge", "Failed requests of a trial.", _sides(hosted, lambda side: side.errors)
    )
    yield from family("headrace_trial_disagreement", "gauge", "Share of answers that differ.", _disagreements(hosted))
    yield from family("headrace_trial_dropped", "gauge", "Copies dropped for they lagged.", _dropped(hosted))


def _word(hosted: Hosted) -> str:
    if not hosted.tries:
        return "off"
    if hosted.trial:
        return "running"
    return "waiting for a challenger"


def _shares(hosted: Mapping[str, Hosted]) -> Iterator[Sample]:
    for name, each in hosted.items():
        if each.tries:
            share = each.workload.description.serving.challenger.share
            yield "", {"workload": name, "kind": "configured"}, share
        if each.trial and each.trial.share is not None:
            yield "", {"workload": name, "kind": "measured"}, each.trial.share


def _sides(hosted: Mapping[str, Hosted], count: Callable[[Side], int]) -> Iterator[Sample]:
    for name, each in hosted.items():
        if each.trial:
            evidence = each.trial.evidence
            for side, seen in (("challenger", evidence.challenger), ("champion", evidence.champion)):
                yield "", {"workload": name, "side": side}, count(seen)


def _disagreements(hosted: Mapping[str, Hosted]) -> Iterator[Sample]:
    for name, each in hosted.items():
        if each.trial and each.trial.evidence.disagreement is not None:
            yield "", {"workload": name}, each.trial.evidence.disagreement


def _dropped(hosted: Mapping[str, Hosted]) -> Iterator[Sample]:
    for name, each in hosted.items():
        if each.trial:
            yield "", {"workload": name}, each.trial.dropped
