"""What a body holds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from headrace.workload import Instance


class Rows(NamedTuple):
    """The instances that a body holds, and whether they came as a list."""

    instances: Sequence[Instance]
    many: bool = True


Reader = Callable[[bytes], Rows]
"""How a protocol reads a body. Raises Refused or BadData. Called again, on another thread, for the log."""
