"""A port, a state directory and triggers in; a running Cloud Storage server out, until it is cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn

from localcloud.restserver import bound
from localcloud.storage.app import application
from localcloud.storage.eventarc import Eventarc
from localcloud.storage.outbox import Triggers
from localcloud.storage.service import open_service

_GRACE = 5  # seconds that requests in progress get at the end


async def serve_storage(port: int, state: Path, triggers: Sequence[str]) -> None:
    """Serve on 127.0.0.1:`port`; each trigger is "BUCKET=URL"."""
    urls = triggers_of(triggers)
    with bound(port) as listener:
        service = open_service(state, f"http://127.0.0.1:{port}", urls)
        config = uvicorn.Config(
            application(service),
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE,
        )
        try:
            await _run(_Server(config), listener, Eventarc(service.outbox, urls))
        finally:
            service.database.close()


def triggers_of(options: Sequence[str]) -> Triggers:
    """{bucket: [URL, …]} of "BUCKET=URL" options, in their order."""
    triggers: dict[str, list[str]] = {}
    for option in options:
        bucket, _, url = option.partition("=")
        if not bucket or not url.startswith(("http://", "https://")):
            raise SystemExit(f"--trigger {option!r} is not BUCKET=URL; write for example data=http://127.0.0.1:8080/")
        triggers.setdefault(bucket, []).append(url)
    return triggers


async def _run(server: "_Server", listener: socket.socket, eventarc: Eventarc) -> None:
    serving = asyncio.create_task(server.serve([listener]))
    delivering = asyncio.create_task(eventarc.run())
    try:
        await asyncio.wait({serving, delivering}, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        delivering.cancel()
        server.should_exit = True
        await serving
        with contextlib.suppress(asyncio.CancelledError):
            await delivering


class _Server(uvicorn.Server):
    """uvicorn, with signals left to whoever runs the event loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers."""
        yield
