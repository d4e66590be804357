"""What a trial has shown so far in; whether it is over, and how, out."""

from headrace.events import ChallengerTried
from headrace.options.challenger import Challenger
from headrace.promotion.trials import ABORTED, PASSED
from services.inference.hosting.models import Served
from services.inference.trying.evidence import LEAST_REQUESTS, SURE, Evidence


def of(challenger: Served, rule: Challenger, evidence: Evidence) -> ChallengerTried | None:
    """How the trial ended; None while it goes on.

    Before the end a bound must be passed beyond doubt; at the end, what was measured is held to it as it is.
    """
    seen = evidence.challenger.requests
    if seen < LEAST_REQUESTS:
        return None
    compared = seen if rule.max_disagreement is None else evidence.compared
    enough = min(seen, compared) >= rule.requests and evidence.champion.requests >= LEAST_REQUESTS
    if faults := evidence.faults(rule, 0.0 if enough else SURE):
        return _fact(challenger, rule, evidence, ABORTED, faults)
    return _fact(challenger, rule, evidence, PASSED, (_passed(rule, evidence),)) if enough else None


def _passed(rule: Challenger, evidence: Evidence) -> str:
    new, old, differ = evidence.challenger, evidence.champion, evidence.disagreement
    ratio = new.slower(old, 0.0)
    took = "" if ratio is None else f", {ratio:.2f} times the champion's latency"
    answers = "" if differ is None else f", {differ:.1%} of the answers differ"
    return (
        f"{rule.mode} of {rule.share:.0%}: {new.errors} of {new.requests} requests failed, {old.errors} of the "
        f"champion's {old.requests}{took}{answers}"
    )


def _fact(
    challenger: Served, rule: Challenger, evidence: Evidence, outcome: str, reasons: tuple[str, ...]
) -> ChallengerTried:
    new, old = evidence.challenger, evidence.champion
    return ChallengerTried(
        workload=challenger.workload,
        version=challenger.version,
        mode=rule.mode,
        outcome=outcome,
        reasons=reasons,
        requests=new.requests,
        errors=new.errors,
        latency_ms=_milliseconds(new.seconds),
        champion_requests=old.requests,
        champion_errors=old.errors,
        champion_latency_ms=_milliseconds(old.seconds),
        disagreement=evidence.disagreement,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
