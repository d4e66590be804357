"""A failed attempt's exit code in; whether the task is tried again out."""

from typing import Any

from google.cloud import batch_v1

PREEMPTED = 50001
OVER_RUN_TIME = 50005
STOPPED = 50000

_ACTIONS = batch_v1.LifecyclePolicy.Action


def retries_again(spec: Any, exit_code: int, retries: int) -> bool:
    """Whether the service starts a task again that ended with `exit_code` after `retries` retries.

    RETRY_TASK retries the listed codes and no other; FAIL_TASK all but the listed; without a policy every failure is
    retried. All share the budget of `max_retry_count`.
    """
    if retries >= spec.max_retry_count:
        return False
    if not spec.lifecycle_policies:
        return True
    policy = spec.lifecycle_policies[0]
    listed = exit_code in policy.action_condition.exit_codes
    return listed if policy.action == _ACTIONS.RETRY_TASK else not listed
