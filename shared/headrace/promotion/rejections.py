"""A version that is not to become champion in; the fact that says so, with the reasons of every stage, out."""

import json

from headrace import tracing
from headrace.bus import runtime
from headrace.events import ModelRejected
from headrace.ports import Platform, Version

REASONS, TRIAL, SAID = "headrace.reasons", "headrace.trial", "headrace.said"
"""Tags with what the evaluator found, what came of the trial on traffic, and what a person said."""

AGAINST = "headrace.against"
"""The tag with the champion that a version was judged against, where there was one."""


def fact(version: Version) -> ModelRejected:
    """The same for the same version, whoever tells it and however often."""
    return ModelRejected(workload=version.workload, version=version.number, reasons=reasons(version))


def tell(platform: Platform, workload: str, number: int) -> ModelRejected:
    """Publish it in the version's own trace."""
    version = platform.registry.version(workload, number)
    with tracing.use(tracing.parse(version.tags.get(tracing.TAG)).child()):
        runtime.publish(told := fact(version), platform)
    return told


def reasons(version: Version) -> tuple[str, ...]:
    """What every stage said of the version, in their order."""
    tags = version.tags
    found = tuple(json.loads(tags.get(REASONS, "[]")))
    tried = tuple(json.loads(tags[TRIAL])["reasons"]) if TRIAL in tags else ()
    return found + tried + ((tags[SAID],) if SAID in tags else ())
