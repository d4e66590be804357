"""What came to be of a job, execution or task in; the Condition that says so out."""

from datetime import UTC, datetime
from typing import Any

from google.cloud import run_v2

_STATES = run_v2.Condition.State


def condition(about: str, state: str, message: str = "", reason: str = "") -> Any:
    """The condition of type `about`: CONDITION_`state`, with an execution reason where there is one."""
    found = run_v2.Condition(
        type_=about, state=_STATES[f"CONDITION_{state}"], message=message, last_transition_time=datetime.now(UTC)
    )
    if reason:
        found.execution_reason = run_v2.Condition.ExecutionReason[reason]
    return found


def replace(conditions: Any, new: Any) -> list[Any]:
    """`conditions` with `new` in place of the one of its type."""
    return [*(one for one in conditions if one.type_ != new.type_), new]
