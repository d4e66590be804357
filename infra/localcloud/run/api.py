"""Requests of the Cloud Run Admin API v2 about jobs in; JSON of jobs, executions, tasks and operations out."""

import re
import uuid
from collections.abc import Sequence
from typing import Any

from google.cloud import run_v2
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from localcloud.jsonmessages import read, written
from localcloud.restserver import RestError
from localcloud.run.jobs import check_etag, complete
from localcloud.run.overrides import execution_of
from localcloud.run.record import Record, completed, new_operation, parent_of
from localcloud.run.runs import Runs
from localcloud.run.store import Store

_JOB_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_LARGEST_PAGE = 1000


class JobsApi:
    """The methods of jobs, executions, tasks and operations."""

    def __init__(self, store: Store, record: Record, runs: Runs) -> None:
        self._store = store
        self._record = record
        self._runs = runs

    def routes(self) -> list[Route]:
        """Where each method is served."""
        location = "/v2/projects/{project:id}/locations/{location:id}"
        jobs, executions = f"{location}/jobs", f"{location}/jobs/{{job:id}}/executions"
        return [
            Route(f"{jobs}/{{job:id}}:run", self.run, methods=["POST"]),
            Route(f"{executions}/{{execution:id}}:cancel", self.cancel, methods=["POST"]),
            Route(jobs, self.create, methods=["POST"]),
            Route(jobs, self.list_of("job"), methods=["GET"]),
            Route(f"{jobs}/{{job:id}}", self.get("job"), methods=["GET"]),
            Route(f"{jobs}/{{job:id}}", self.update, methods=["PATCH"]),
            Route(f"{jobs}/{{job:id}}", self.delete, methods=["DELETE"]),
            Route(executions, self.list_of("execution"), methods=["GET"]),
            Route(f"{executions}/{{execution:id}}", self.get("execution"), methods=["GET"]),
            Route(f"{executions}/{{execution:id}}/tasks", self.list_of("task"), methods=["GET"]),
            Route(f"{executions}/{{execution:id}}/tasks/{{task:id}}", self.get("task"), methods=["GET"]),
            Route(f"{location}/operations/{{operation:id}}", self.get("operation"), methods=["GET"]),
        ]

    async def create(self, request: Request) -> JSONResponse:
        """POST …/jobs?jobId=…"""
        parent = _name(request).removesuffix("/jobs")
        job_id = request.query_params.get("jobId", "")
        if not _JOB_ID.fullmatch(job_id):
            raise RestError("INVALID_ARGUMENT", f"jobId {job_id!r} must match {_JOB_ID.pattern}")
        name = f"{parent}/jobs/{job_id}"
        if self._store.get("job", name) is not None:
            raise RestError("ALREADY_EXISTS", f"job {name} already exists")
        job = complete(read(run_v2.Job, await request.body()), name)
        return self._changed(request, job)

    async def update(self, request: Request) -> JSONResponse:
        """PATCH …/jobs/JOB: the job is replaced as a whole, as the service does."""
        before = self._existing("job", _name(request))
        job = read(run_v2.Job, await request.body())
        check_etag(before, job.etag)
        return self._changed(request, complete(job, before.name, before))

    async def delete(self, request: Request) -> JSONResponse:
        """DELETE …/jobs/JOB: its executions are stopped and forgotten with it; their logs stay."""
        job = self._existing("job", _name(request))
        check_etag(job, request.query_params.get("etag", ""))
        if not _only_validates(request):
            for execution in self._store.children("execution", job.name):
                await self._runs.cancel(execution.name)
            self._store.remove([job.name])
        return self._done(parent_of(job.name), job)

    async def run(self, request: Request) -> JSONResponse:
        """POST …/jobs/JOB:run: starts an execution; the operation ends with it."""
        job = self._existing("job", _name(request).removesuffix(":run"))
        asked = read(run_v2.RunJobRequest, await request.body())
        check_etag(job, asked.etag)
        execution = execution_of(job, asked.overrides)
        operation = new_operation(_operation_name(parent_of(job.name)), execution)
        if not asked.validate_only:
            self._record.created(execution, operation)
            self._runs.start(execution)
        return JSONResponse(written(operation))

    async def cancel(self, request: Request) -> JSONResponse:
        """POST …/executions/EXECUTION:cancel"""
        name = _name(request).removesuffix(":cancel")
        execution = self._existing("execution", name)
        if execution.completion_time:
            raise RestError("FAILED_PRECONDITION", f"execution {name} is over; only a running one is cancelled")
        await self._runs.cancel(name)
        return self._done(name.partition("/jobs/")[0], self._existing("execution", name))

    def get(self, kind: str) -> Any:
        """GET of one resource."""

        async def get(request: Request) -> JSONResponse:
            return JSONResponse(written(self._existing(kind, _name(request))))

        return get

    def list_of(self, kind: str) -> Any:
        """GET of a collection, executions newest first."""

        async def get(request: Request) -> JSONResponse:
            parent = _name(request).rpartition("/")[0]
            found = self._store.children(kind, parent)
            shown, token = _page(found[::-1] if kind == "execution" else found, request)
            return JSONResponse({f"{kind}s": [written(one) for one in shown], "nextPageToken": token})

        return get

    def _changed(self, request: Request, job: Any) -> JSONResponse:
        if not _only_validates(request):
            self._store.save("job", parent_of(job.name), job, done=True)
        return self._done(parent_of(job.name), job)

    def _done(self, parent: str, response: Any) -> JSONResponse:
        operation = completed(new_operation(_operation_name(parent), response), response)
        self._store.save("operation", parent, operation, done=True)
        return JSONResponse(written(operation))

    def _existing(self, kind: str, name: str) -> Any:
        found = self._store.get(kind, name)
        if found is None:
            raise RestError("NOT_FOUND", f"there is no {kind} {name!r}")
        return found


def _name(request: Request) -> str:
    return request.url.path.removeprefix("/v2/")


def _only_validates(request: Request) -> bool:
    return request.query_params.get("validateOnly", "").lower() == "true"


def _operation_name(parent: str) -> str:
    return f"{parent}/operations/{uuid.uuid4()}"


def _page(items: Sequence[Any], request: Request) -> tuple[Sequence[Any], str]:
    size, token = request.query_params.get("pageSize", "0"), request.query_params.get("pageToken", "0") or "0"
    if not size.isdigit() or not token.isdigit():
        raise RestError("INVALID_ARGUMENT", f"pageSize {size!r} or pageToken {token!r} is not one of this server's")
    end = int(token) + min(int(size) or _LARGEST_PAGE, _LARGEST_PAGE)
    return items[int(token) : end], str(end) if end < len(items) else ""
