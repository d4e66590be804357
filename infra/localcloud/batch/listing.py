"""A list request's filter, order and page in; the matching slice out."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.cloud import batch_v1
from grpc import StatusCode

from localcloud.grpcserver import StatusError

Item = TypeVar("Item")
_TERM = re.compile(r'\s*(?P<field>[\w.-]+)\s*=\s*(?P<quote>"?)(?P<value>[^"]*?)(?P=quote)\s*')
_LARGEST_PAGE = 1000


def filter_jobs(jobs: Sequence[Any], text: str) -> list[Any]:
    """The jobs for which every `field=value`, joined by AND, holds."""
    readers = [(_reader_of_job(field), value) for field, value in _terms(text)]
    return [job for job in jobs if all(read(job) == value for read, value in readers)]


def filter_tasks(tasks: Sequence[Any], text: str) -> list[Any]:
    """The tasks in the state that `State=…` names."""
    for field, value in _terms(text):
        if field.lower() not in ("state", "status.state"):
            raise _unknown(field, "State")
        tasks = [task for task in tasks if batch_v1.TaskStatus.State(task.status.state).name == value]
    return list(tasks)


def order_jobs(jobs: Sequence[Any], order: str) -> list[Any]:
    """The jobs in one of the service's orders; as they are without one."""
    if not order:
        return list(jobs)
    field, _, direction = order.partition(" ")
    if field not in ("name", "create_time") or direction not in ("", "desc"):
        known = "name, name desc, create_time, create_time desc"
        raise StatusError(StatusCode.INVALID_ARGUMENT, f"order_by {order!r} is not one of {known}")
    return sorted(jobs, key=lambda job: str(getattr(job, field)), reverse=bool(direction))


def page(items: Sequence[Item], size: int, token: str) -> tuple[Sequence[Item], str]:
    """One page of `items` and the token of the next, empty at the end."""
    if token and not token.isdigit():
        raise StatusError(StatusCode.INVALID_ARGUMENT, f"page_token {token!r} was not given by this server")
    first = int(token or 0)
    end = first + min(size or _LARGEST_PAGE, _LARGEST_PAGE)
    return items[first:end], str(end) if end < len(items) else ""


def _terms(text: str) -> list[tuple[str, str]]:
    found = [_TERM.fullmatch(term) for term in re.split(r"\bAND\b", text)] if text.strip() else []
    if not all(found):
        raise StatusError(StatusCode.INVALID_ARGUMENT, f"filter {text!r} is not FIELD=VALUE, several joined by AND")
    return [(term["field"], term["value"]) for term in found if term]


def _reader_of_job(field: str) -> Callable[[Any], str]:
    if field in ("state", "status.state"):
        return lambda job: batch_v1.JobStatus.State(job.status.state).name
    if field == "name":
        return lambda job: str(job.name)
    if field.startswith("labels."):
        key = field.removeprefix("labels.")
        return lambda job: str(job.labels.get(key, ""))
    raise _unknown(field, "status.state, name and labels.KEY")


def _unknown(field: str, known: str) -> StatusError:
    return StatusError(
        StatusCode.UNIMPLEMENTED, f"localcloud does not implement a filter on {field!r}; only on {known}"
    )
