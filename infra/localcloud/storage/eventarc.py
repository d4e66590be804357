"""Durable events in; CloudEvents POSTed at least once to each trigger's URL out."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus

import aiohttp

from localcloud.storage.outbox import Event, Outbox, Triggers

_logger = logging.getLogger(__name__)

_FIRST_RETRY, _LAST_RETRY = 0.2, 60.0  # seconds; the service waits 10 to 600
_RETENTION = 24 * 3600.0  # seconds
_TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=10)
_IN_FLIGHT = 32  # deliveries at a time and trigger
_TYPE = "google.cloud.storage.object.v1.finalized"


class Eventarc:
    """Delivers the outbox, each trigger on its own: a receiver that hangs or fails holds up no other trigger."""

    def __init__(self, outbox: Outbox, triggers: Triggers) -> None:
        self._outbox = outbox
        self._triggers = triggers

    async def run(self) -> None:
        """Deliver until cancelled."""
        if dropped := self._outbox.restart():
            _logger.warning("dropped %d events of triggers that are no longer given", dropped)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as http, asyncio.TaskGroup() as group:
            for bucket, urls in self._triggers.items():
                for position, url in enumerate(urls):
                    group.create_task(_Trigger(self._outbox, http, bucket, position, url).run())


class _Trigger:
    """The deliveries of one trigger."""

    def __init__(self, outbox: Outbox, http: aiohttp.ClientSession, bucket: str, position: int, url: str) -> None:
        self._outbox = outbox
        self._http = http
        self._bucket = bucket
        self._position = position
        self._url = url
        self._changed = asyncio.Event()
        self._in_flight: set[str] = set()
        outbox.on_event(bucket, self._changed.set)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                for event in self._ready():
                    self._in_flight.add(event.id)
                    group.create_task(self._deliver(event))
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._changed.wait()

    def _idle(self) -> list[Event]:
        waiting = self._outbox.waiting(self._bucket, self._position, 2 * _IN_FLIGHT)
        return [event for event in waiting if event.id not in self._in_flight]

    def _ready(self) -> Iterator[Event]:
        now = time.time()
        for event in self._idle()[: _IN_FLIGHT - len(self._in_flight)]:
            if event.due <= now:
                yield event

    def _pause(self) -> float | None:
        """Seconds until the next event is due; None while only a change can bring one."""
        idle = self._idle()
        if not idle or len(self._in_flight) >= _IN_FLIGHT:
            return None
        return max(0.0, idle[0].due - time.time())

    async def _deliver(self, event: Event) -> None:
        try:
            problem = await self._post(event)
            if problem is None:
                self._outbox.remove(event)
            else:
                self._retry(event, problem)
        finally:
            self._in_flight.discard(event.id)
            self._changed.set()

    async def _post(self, event: Event) -> str | None:
        """None when acknowledged with a 2xx, else what went wrong."""
        try:
            async with self._http.post(
                self._url, data=event.body.encode(), headers=cloud_event_headers(event), allow_redirects=False
            ) as response:
                if response.status // 100 == HTTPStatus.OK // 100:
                    return None
                return f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"

    def _retry(self, event: Event, problem: str) -> None:
        now = time.time()
        if now - event.accepted > _RETENTION:
            _logger.warning("dropped event %s (%s): 24 hours undelivered to %s", event.id, event.subject, self._url)
            self._outbox.remove(event)
            return
        pause = min(_LAST_RETRY, _FIRST_RETRY * 2.0 ** min(event.attempts, 16))
        _logger.info("event %s to %s: %s; again in %.1f s", event.id, self._url, problem, pause)
        self._outbox.postpone(event, now + pause)


def cloud_event_headers(event: Event) -> dict[str, str]:
    """The HTTP headers of a binary-mode CloudEvent."""
    attributes = {
        "id": event.id,
        "source": f"//storage.googleapis.com/projects/_/buckets/{event.bucket}",
        "specversion": "1.0",
        "type": _TYPE,
        "subject": event.subject,
        "time": event.time,
        "bucket": event.bucket,
    }
    headers = {f"ce-{name}": _percent_encoded(value) for name, value in attributes.items()}
    return headers | {"content-type": "application/json"}


def _percent_encoded(value: str) -> str:
    """As the CloudEvents HTTP binding has it: space, '"', '%' and all that is not printable ASCII."""
    return "".join(chr(b) if 0x21 <= b <= 0x7E and b not in b'"%' else f"%{b:02X}" for b in value.encode())
