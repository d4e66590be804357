"""Losses in; weights moved down their gradients, in whatever precision and however many parts, out."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor
from torch.optim import Optimizer

from headrace.learning.recipe import Recipe
from headrace.learning.sampling import Part


class Updates:
    """Backward, clip, step and zero_grad, over as many parts of a batch as there are."""

    def __init__(
        self, fabric: Fabric, recipe: Recipe, networks: Mapping[str, Any], optimizers: Mapping[str, Any]
    ) -> None:
        self._fabric, self._clip, self._networks, self._optimizers = fabric, recipe.clip, networks, optimizers
        self._first, self._last, self._share = True, True, 1.0

    def on(self, part: Part) -> AbstractContextManager[object]:
        """Losses are of `part` from now on. Within the context, ranks agree on gradients with the last part only."""
        self._first, self._last, self._share = part.number == 0, part.last, part.share
        if part.last or self._fabric.world_size == 1:
            return nullcontext()
        stack = ExitStack()
        for network in self._networks.values():
            stack.enter_context(self._fabric.no_backward_sync(network))
        return stack

    def __call__(self, optimizer: str, loss: Tensor) -> None:
        """Called by the learner for each part of a batch; the weights move with the last."""
        moved = self._optimizers[optimizer]
        if self._first:
            moved.optimizer.zero_grad()
        loss = loss if self._share == 1.0 else loss * self._share
        self._fabric.backward(loss, inputs=_weights(moved) if len(self._optimizers) > 1 else None)
        if not self._last:
            return
        if self._clip is not None:
            # Fabric clips what the optimizer moves, whichever network it is told.
            network = next(iter(self._networks.values()))
            self._fabric.clip_gradients(network, moved, max_norm=self._clip, error_if_nonfinite=False)
        moved.step()


def _weights(optimizer: Optimizer) -> list[Tensor]:
    """All that gets a gradient: the loss may run through networks that another optimizer moves by another loss."""
    return [weight for group in optimizer.param_groups for weight in group["params"] if weight.requires_grad]
