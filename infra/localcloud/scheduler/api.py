"""Requests of cloudscheduler v1 in; JSON of jobs out."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from localcloud.restserver import RestError
from localcloud.scheduler import cron
from localcloud.scheduler.fields import complete
from localcloud.scheduler.jobs import Job, timestamp
from localcloud.scheduler.store import Store
from localcloud.scheduler.ticker import Ticker

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
_LARGEST_PAGE = 500


class JobsApi:
    """The methods of jobs."""

    def __init__(self, store: Store, ticker: Ticker) -> None:
        self._store = store
        self._ticker = ticker

    def routes(self) -> list[Route]:
        """Where each method is served."""
        jobs = "/v1/projects/{project:id}/locations/{location:id}/jobs"
        return [
            Route(jobs, self.create, methods=["POST"]),
            Route(jobs, self.list, methods=["GET"]),
            Route(f"{jobs}/{{job:id}}", self.get, methods=["GET"]),
            Route(f"{jobs}/{{job:id}}", self.patch, methods=["PATCH"]),
            Route(f"{jobs}/{{job:id}}", self.delete, methods=["DELETE"]),
            Route(f"{jobs}/{{job:id}}:pause", self.pause, methods=["POST"]),
            Route(f"{jobs}/{{job:id}}:resume", self.resume, methods=["POST"]),
            Route(f"{jobs}/{{job:id}}:run", self.run, methods=["POST"]),
        ]

    async def create(self, request: Request) -> JSONResponse:
        """POST …/jobs; a job without a name is given one."""
        parent = _name(request)
        body = await _json(request)
        name = body.get("name") or f"{parent}/{uuid.uuid4()}"
        if name.rpartition("/")[0] != parent or not _JOB_ID.fullmatch(name.rpartition("/")[2]):
            raise RestError("INVALID_ARGUMENT", f"name {name!r} is not {parent}/JOB")
        if self._store.get(name) is not None:
            raise RestError("ALREADY_EXISTS", f"job {name} already exists")
        return self._changed({**complete(body), "name": name, "state": "ENABLED"})

    async def list(self, request: Request) -> JSONResponse:
        """GET …/jobs"""
        jobs = self._store.jobs(f"{_name(request)}/")
        size, token = request.query_params.get("pageSize", "0"), request.query_params.get("pageToken", "0")
        if not size.isdigit() or not token.isdigit():
            raise RestError("INVALID_ARGUMENT", f"pageSize {size!r} or pageToken {token!r} is not one of this server's")
        end = int(token) + min(int(size) or _LARGEST_PAGE, _LARGEST_PAGE)
        answer: dict[str, Any] = {"jobs": [dict(job.body) for job in jobs[int(token) : end]]}
        return JSONResponse({**answer, "nextPageToken": str(end)} if end < len(jobs) else answer)

    async def get(self, request: Request) -> JSONResponse:
        """GET …/jobs/JOB"""
        return JSONResponse(dict(self._existing(request).body))

    async def patch(self, request: Request) -> JSONResponse:
        """PATCH …/jobs/JOB: the fields of `updateMask`, or all that are given."""
        job, given = self._existing(request), await _json(request)
        mask = request.query_params.get("updateMask", "")
        fields = [_camel(field) for field in mask.split(",")] if mask else list(given)
        body = dict(job.body)
        for field in fields:
            _put(body, field.split("."), given)
        kept = {name: value for name, value in job.body.items() if name in ("state", "status", "lastAttemptTime")}
        return self._changed({**complete(body), **kept, "name": job.name})

    async def delete(self, request: Request) -> JSONResponse:
        """DELETE …/jobs/JOB; an attempt in flight is its last."""
        name = self._existing(request).name
        self._store.remove(name)
        self._ticker.follow(name)
        return JSONResponse({})

    async def pause(self, request: Request) -> JSONResponse:
        """POST …/jobs/JOB:pause"""
        return self._switched(request, "ENABLED", "PAUSED")

    async def resume(self, request: Request) -> JSONResponse:
        """POST …/jobs/JOB:resume: the next tick is one still to come."""
        return self._switched(request, "PAUSED", "ENABLED")

    async def run(self, request: Request) -> JSONResponse:
        """POST …/jobs/JOB:run: dispatched now; a job with an attempt in flight is dispatched after it."""
        job = self._existing(request)
        self._ticker.force(job.name)
        return JSONResponse(dict(job.body))

    def _switched(self, request: Request, before: str, after: str) -> JSONResponse:
        job = self._existing(request)
        if job.body["state"] != before:
            raise RestError("FAILED_PRECONDITION", f"job {job.name} is {job.body['state']}, not {before}")
        return self._changed({**job.body, "state": after})

    def _changed(self, body: Mapping[str, Any]) -> JSONResponse:
        """Keep a job whose next tick is one still to come, and follow it."""
        now = datetime.now(UTC)
        due = cron.parse(body["schedule"], body["timeZone"]).after(now)
        job = Job({**body, "userUpdateTime": timestamp(now), "scheduleTime": timestamp(due)})
        self._store.save(job)
        self._ticker.follow(job.name)
        return JSONResponse(dict(job.body))

    def _existing(self, request: Request) -> Job:
        name = _name(request).partition(":")[0]
        job = self._store.get(name)
        if job is None:
            raise RestError("NOT_FOUND", f"there is no job {name!r}")
        return job


def _name(request: Request) -> str:
    return request.url.path.removeprefix("/v1/")


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise RestError("INVALID_ARGUMENT", f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise RestError("INVALID_ARGUMENT", "the body is not a JSON object")
    return body


def _camel(field: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), field)


def _put(body: dict[str, Any], path: list[str], given: Mapping[str, Any]) -> None:
    """Set what is at `path` in `given` in `body`; what is not there is taken away."""
    name, *rest = path
    if rest:
        body[name] = dict(body.get(name, {}))
        _put(body[name], rest, given.get(name, {}))
    elif name in given:
        body[name] = given[name]
    else:
        body.pop(name, None)
