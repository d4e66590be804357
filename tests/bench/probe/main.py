"""A deployable that does nothing but note when it was handed an event."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import functions_framework

from headrace.bus.runtime import Handlers, receive
from headrace.events import DriftChecked, Event
from headrace.ports import Platform
from headrace.wiring import on_gcp


def note(event: DriftChecked, _: Platform) -> Iterable[Event]:
    """Append when this event reached its handler to the file that it names."""
    with Path(event.outcome).open("a") as file:
        file.write(f"{event.check} {time.time()}\n")
    return ()


HANDLERS: Handlers = {DriftChecked: note}


@functions_framework.cloud_event
def main(cloud_event: Any) -> None:
    """functions-framework's entry point."""
    receive(cloud_event, HANDLERS, on_gcp())
