"""A condition in; what it found, as soon as it is true, out."""

import time
from collections.abc import Callable
from typing import TypeVar

from google.api_core.exceptions import GoogleAPICallError

from headrace.errors import HeadraceError

Found = TypeVar("Found")

PATIENCE = 120.0
POLL = 0.05
OUTAGES = (OSError, HeadraceError, GoogleAPICallError)


def eventually(look: Callable[[], Found | None], what: str, within: float = PATIENCE) -> Found:
    """What `look` returns, as soon as it is true; a server that does not answer meanwhile is asked again."""
    until, last = time.monotonic() + within, ""
    while True:
        try:
            if found := look():
                return found
            last = ""
        except OUTAGES as error:
            last = f"; the last look ended with {error!r}"
        assert time.monotonic() < until, f"after {within:g} s still not: {what}{last}"
        time.sleep(POLL)
