"""The losses of each step in; their means over an epoch, the same on every rank, out."""

from collections.abc import Mapping

import torch
from lightning_fabric import Fabric
from torch import Tensor


class Tally:
    """Adds up losses where they are computed, for a look at a loss makes a GPU wait."""

    def __init__(self, fabric: Fabric, sums: Mapping[str, float]) -> None:
        self._fabric = fabric
        self._sums = {name: torch.tensor(value, device=fabric.device) for name, value in sums.items()}

    def add(self, losses: Mapping[str, Tensor], share: float) -> None:
        """The losses on a `share` of a step's examples."""
        for name, loss in losses.items():
            if name not in self._sums:
                self._sums[name] = torch.zeros((), device=loss.device)
            self._sums[name].add_(loss.detach(), alpha=share)

    def own(self) -> dict[str, float]:
        """The sums of this process."""
        return {name: float(total) for name, total in self._sums.items()}

    def all(self) -> dict[str, float]:
        """The sums, as the mean over all ranks, which each saw a part of every batch; all must ask at once."""
        if self._fabric.world_size == 1 or not self._sums:
            return self.own()
        means = self._fabric.all_reduce(torch.stack(list(self._sums.values())), reduce_op="mean")
        return dict(zip(self._sums, means.tolist(), strict=True))  # type: ignore[union-attr]
