"""People who remember what they were told."""

from collections.abc import Callable
from typing import NamedTuple


class Told(NamedTuple):
    """One message, and the id of the fact it is about."""

    text: str
    event: str


class FakePeople:
    """Keeps every message; `before` is called first and may raise."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.before: Callable[[], None] = lambda: None

    def tell(self, text: str, event: str) -> None:
        self.before()
        self.told.append(Told(text, event))
