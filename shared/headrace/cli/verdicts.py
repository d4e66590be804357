"""What is to be trained in; every event about it on the terminal as it comes, until each candidate is judged, out."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from headrace.cli.session import console
from headrace.cli.status import show_pause
from headrace.cli.wording import line
from headrace.errors import Busy
from headrace.events import DatasetReady, DatasetRejected, Event
from headrace.training import candidates
from headrace.training.candidates import Progress, Reason
from headrace.wiring import GoogleCloud

if TYPE_CHECKING:
    from headrace.adapters.follow import Followed


def show(
    platform: GoogleCloud, followed: "Followed", minutes: float, reason: Reason | None = None
) -> Sequence[Progress]:
    """Wait for the verdict on all that is trained for `reason`: without one, for the dataset version to come.

    Raises Busy after so many minutes, and exits when a dataset is rejected.
    """
    show_pause(platform)
    begun, asked, trained = time.monotonic(), reason is not None, _trained(platform, reason)
    with console.status("waiting") as status:
        while not trained or not all(each.settled for each in trained):
            if time.monotonic() > begun + minutes * 60:
                raise Busy("no verdict on every candidate yet; `headrace status` shows how far it is")
            for received in followed.take(0.5):
                if isinstance(received.fact, Event):
                    _show(received.fact, time.monotonic() - begun)
                if isinstance(received.fact, DatasetReady) and not asked:
                    reason = received.fact
            trained = _trained(platform, reason)
            if trained:
                status.update(" · ".join(str(each) for each in trained))
    return trained


def _show(fact: Event, seconds: float) -> None:
    console.print(f"{seconds:6.1f} s  {line(fact)}", highlight=False, soft_wrap=True)
    if isinstance(fact, DatasetRejected):
        raise typer.Exit(1)


def _trained(platform: GoogleCloud, reason: Reason | None) -> Sequence[Progress]:
    return candidates.trained_for(platform, reason) if reason else ()
