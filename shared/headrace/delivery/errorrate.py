"""Revisions and a moment in; whether too many of their answers since then were errors out."""

from collections.abc import Sequence
from datetime import datetime

from headrace.delivery.work import Delivery
from headrace.errors import HeadraceError

MOST_READ = 5000


class TooManyErrors(HeadraceError):
    """The new revisions fail more often than `infra/delivery.yaml` allows."""


def check(delivery: Delivery, revisions: Sequence[str], since: datetime) -> None:
    """Read Cloud Run's log of requests. Raises TooManyErrors."""
    statuses = [int(line) for line in _read(delivery, revisions, since).split()]
    errors = sum(status >= 500 for status in statuses)
    policy = delivery.policy.traffic
    delivery.say(f"{len(statuses)} requests answered, {errors} with an error")
    if errors >= policy.least_errors and errors > policy.error_rate * len(statuses):
        raise TooManyErrors(
            f"{errors} of {len(statuses)} requests to {', '.join(revisions)} were answered with an error; "
            f"infra/delivery.yaml allows {policy.error_rate:.0%}"
        )


def _read(delivery: Delivery, revisions: Sequence[str], since: datetime) -> str:
    named = " OR ".join(f'"{revision}"' for revision in revisions)
    clauses = (
        'resource.type="cloud_run_revision"',
        f"resource.labels.revision_name=({named})",
        "httpRequest.status>0",
        f'timestamp>="{since.isoformat(timespec="seconds")}"',
    )
    asked = ("--format=value(httpRequest.status)", f"--limit={MOST_READ}")
    return delivery.gcloud("logging", "read", " AND ".join(clauses), *asked)
