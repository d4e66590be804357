"""Requests of the Cloud Logging API v2 for log entries in; JSON of the newest ones out."""

import asyncio
import json
import re
from heapq import nlargest
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from localcloud.logging import files, filters
from localcloud.logging.entries import entry
from localcloud.logging.filters import Wanted
from localcloud.restserver import RestError

_ASKED = {"resourceNames", "filter", "orderBy", "pageSize"}
_NOT_ASKED = {"projectIds", "pageToken"}
_ORDER = "timestamp desc"
_LARGEST_PAGE = 1000


class EntriesApi:
    """The one method of log entries, over the folders of the Batch and the Cloud Run server."""

    def __init__(self, batch: Path, run: Path) -> None:
        self._batch, self._run = batch, run

    def routes(self) -> list[Route]:
        """Where it is served."""
        return [Route("/v2/entries:list", self.newest, methods=["POST"])]

    async def newest(self, request: Request) -> JSONResponse:
        """POST /v2/entries:list"""
        asked = _object(await request.body())
        project, size = _project(asked), _size(asked)
        if asked.get("orderBy") != _ORDER:
            raise RestError(
                "UNIMPLEMENTED", f"localcloud does not implement orderBy {asked.get('orderBy')!r}; only {_ORDER!r}"
            )
        wanted = filters.read(str(asked.get("filter", "")), project)
        return JSONResponse({"entries": await asyncio.to_thread(self._newest, wanted, project, size)})

    def _newest(self, wanted: Wanted, project: str, size: int) -> list[dict[str, Any]]:
        found = (
            files.of_batch_job(self._batch, wanted.key)
            if wanted.kind == "batch"
            else files.of_run_job(self._run, wanted.key)
        )
        since = (line for file in found for line in files.lines(file) if line.at >= wanted.since)
        newest = nlargest(size, since, key=lambda line: (line.at, line.file, line.offset))
        return [entry(line, wanted, project) for line in newest]


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RestError("INVALID_ARGUMENT", f"the body is not JSON: {error}") from None
    if not isinstance(asked, dict):
        raise RestError("INVALID_ARGUMENT", "the body is not a JSON object")
    for name in asked:
        if name in _NOT_ASKED:
            raise RestError("UNIMPLEMENTED", f"localcloud does not implement {name} of entries:list")
        if name not in _ASKED:
            raise RestError("INVALID_ARGUMENT", f'Unknown name "{name}": Cannot find field.')
    return asked


def _project(asked: dict[str, Any]) -> str:
    names = asked.get("resourceNames")
    found = re.fullmatch(r"projects/([^/]+)", str(names[0])) if isinstance(names, list) and len(names) == 1 else None
    if found is None:
        raise RestError(
            "UNIMPLEMENTED", f"localcloud does not implement resourceNames {names!r}; give one projects/PROJECT"
        )
    return found[1]


def _size(asked: dict[str, Any]) -> int:
    size = asked.get("pageSize", 50)
    if not isinstance(size, int) or not 1 <= size <= _LARGEST_PAGE:
        raise RestError("INVALID_ARGUMENT", f"pageSize is {size!r}; give 1 to {_LARGEST_PAGE}")
    return size
