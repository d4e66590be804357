"""A job and a tick in; its HTTP request made, again where the retry rules say so, and the status kept, out."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import aiohttp

from localcloud.scheduler.jobs import Job, timestamp
from localcloud.scheduler.store import Store

_DEADLINE_EXCEEDED, _INTERNAL, _UNAVAILABLE, _UNKNOWN = 4, 13, 14, 2
_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 499: 1, 501: 12, 503: 14, 504: 4}


class Dispatcher:
    """Makes the requests."""

    def __init__(self, store: Store, session: aiohttp.ClientSession) -> None:
        self._store = store
        self._session = session

    async def dispatch(self, name: str, tick: datetime) -> None:
        """Attempt a job until it succeeds, its retries are spent, or it is gone."""
        began = time.monotonic()
        retries = 0
        while (job := self._store.get(name)) is not None:
            self._store.change(name, lastAttemptTime=timestamp(datetime.now(UTC)))
            status = await self._attempt(job, tick)
            self._store.change(name, status=status)
            if status is None:
                return
            pause = job.pause_before_retry(retries, time.monotonic() - began)
            if pause is None:
                return
            await asyncio.sleep(pause)
            retries += 1

    async def _attempt(self, job: Job, tick: datetime) -> dict[str, Any] | None:
        """The google.rpc.Status of a failure, or None."""
        limit = aiohttp.ClientTimeout(total=job.deadline)
        request = job.request(tick)
        try:
            async with self._session.request(**request, timeout=limit, allow_redirects=False) as answer:
                await answer.read()
        except TimeoutError:
            return {"code": _DEADLINE_EXCEEDED, "message": f"no answer from {request['url']} in {job.deadline:g} s"}
        except (aiohttp.ClientError, ValueError) as error:  # a header or address that cannot be sent is a ValueError
            return {"code": _UNAVAILABLE, "message": f"no answer from {request['url']}: {error}"}
        if 200 <= answer.status < 300:
            return None
        code = _CODES.get(answer.status, _INTERNAL if answer.status >= 500 else _UNKNOWN)
        return {"code": code, "message": f"{request['url']} answered {answer.status}"}
