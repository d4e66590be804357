"""A port in; the studio, answering on it, out."""

import argparse
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit import config

from headrace import logs
from headrace.errors import HeadraceError
from headrace.wiring import GoogleCloud
from services.studio import signing_in
from services.studio.gate import Gate
from services.studio.studio import platform

SCRIPT = Path(__file__).with_name("front") / "app.py"
CLOUD_RUN_MB = 30
"""Cloud Run takes requests of 32 MiB, in which a browser sends a file as one part of several."""

SHUTDOWN_SECONDS = 2
TALKING = ("streamlit", "uvicorn", "websockets")
"""What writes its own log, in its own way."""


def compose(here: GoogleCloud) -> st.App:
    """The studio on a platform, behind the gate that its settings ask for. Raises SettingsMissing or Unsafe."""
    where, way = here.settings, signing_in.way(here.settings)
    email = signing_in.signed_in(lambda: here.assertions, where.iap_audience) if way == "iap" else None
    gate = Middleware(Gate, email=email, only_here=way == "laptop")
    app = st.App(SCRIPT, middleware=[gate], lifespan=_ready, on_script_error=sorry)
    config.get_config_options(force_reparse=True)  # for now it knows the folder of the script
    if way != "laptop":
        config.set_option("server.maxUploadSize", CLOUD_RUN_MB)
    logs.configure(where.project, *(name for name in logging.root.manager.loggerDict if name.startswith(TALKING)))
    return app


@asynccontextmanager
async def _ready(_: st.App) -> AsyncIterator[None]:
    """Pages are imported before the first person looks, and once there is a runtime that their caches belong to."""
    import services.studio.menu  # noqa: F401 - to have been imported is all that is wanted of it

    yield


def serve(app: st.App, host: str, port: int) -> None:
    """Answer until SIGTERM or SIGINT; pages that are open are told, and look for the next studio by themselves."""
    configured = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(configured).run()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Show the loop, and let people try its models and decide.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 in a container")
    given = parser.parse_args()
    try:
        here = platform()
        signing_in.check_address(here.settings, given.host)
        app = compose(here)
    except HeadraceError as error:
        parser.error(str(error))
    serve(app, given.host, given.port)


def sorry(error: Exception) -> bool:
    """What people see of a page that failed; Streamlit has logged the traceback by now."""
    st.error(
        f"This page failed ({type(error).__name__}); the studio's log says how. Load it again, or go on with another.",
        icon=":material/error:",
    )
    return True


if __name__ == "__main__":
    main()
