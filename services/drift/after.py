"""A check and what it found in; the state that the next check begins with out."""

from services.drift.deciding import WEEK, Decision, Findings
from services.drift.state import State, Streak
from services.drift.subject import Check
from services.drift.volume import remembered


def after(this: Check, decision: Decision, findings: Findings, volume: str | None) -> State:
    """What was looked at is not looked at again; what there was too little of goes on growing."""
    now, before = this.bounds.at, this.before
    broken = tuple(sorted(alarm.column for alarm in findings.quality))
    streak = _streak(this, decision, findings)
    kept: dict[str, object] = {
        "pending": None,
        "streak": streak,
        "refused": decision.refused or (before.refused and streak is not None),
        "retrainings": tuple([each for each in before.retrainings if now - each < WEEK] + [now] * decision.retrains),
    }
    if this.has_rows:
        kept |= {"checked": this.bounds.until, "since": now, "volumes": remembered(this.volume, before.volumes)}
        kept |= {"suspected": (*broken, *(["volume"] if volume else []))}
    return before.model_copy(update=kept)


def _streak(this: Check, decision: Decision, findings: Findings) -> Streak | None:
    """A check that finds nothing ends it, if it looked at all that had drifted."""
    streak = this.streak
    if decision.retrains:
        return None
    if decision.verdict == "drifted":
        parts = findings.drifted | set(streak.parts if streak else ())
        return Streak(
            version=this.version.number, checks=(streak.checks if streak else 0) + 1, parts=tuple(sorted(parts))
        )
    goes_on = streak and (decision.verdict == "broken" or not findings.looked_at >= set(streak.parts))
    return streak if goes_on else None
