"""What one process wants in; what all do at the same step, out."""

from time import monotonic

import torch
from lightning_fabric import Fabric


class Agreement:
    """Processes that train together stop and save together, or some would wait for ever for the others.

    They ask each other about every so many `seconds`, at a step that they agreed on the time before. One by itself
    always agrees.
    """

    def __init__(self, fabric: Fabric, step: int, seconds: float) -> None:
        self._fabric, self._step, self._next, self._seconds = fabric, step, step + 1, seconds
        self._asked = monotonic()
        if fabric.world_size > 1:
            self._start_from(step)

    def on(self, step: int, stop: bool, save: bool) -> tuple[bool, bool]:
        """Whether to stop, and whether to save, after `step`: when any process wants to."""
        if self._fabric.world_size == 1:
            return stop, save
        if step < self._next:
            return False, False
        pace = (monotonic() - self._asked) / (step - self._step)
        wants_stop, wants_save, ahead = self._largest(stop, save, max(1, int(self._seconds / pace)))
        self._step, self._next, self._asked = step, step + ahead, monotonic()
        return bool(wants_stop), bool(wants_save)

    def _start_from(self, step: int) -> None:
        latest, earliest = self._largest(step, -step)
        if latest != -earliest:
            raise RuntimeError(f"the processes restored checkpoints of steps {-earliest} to {latest}; start them again")

    def _largest(self, *values: int) -> list[int]:
        """The largest of each value over all processes."""
        found: list[int] = self._fabric.all_reduce(  # type: ignore[union-attr]
            torch.tensor(values, device=self._fabric.device), reduce_op="max"
        ).tolist()
        return found
