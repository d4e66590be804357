"""Tiles of radar and optical images in; what a CycleGAN learns from a batch of them, step by step, out."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss
from torch.optim import Adam, Optimizer

from headrace.learning import Learner, Networks, Update

from . import trying
from .cache import Bytes, Tiles
from .networks import Discriminator, Generator, signed
from .perceptual import Perceptual
from .pool import ImagePool
from .settings import Settings

TO_OPTICAL = "to_optical"
GENERATORS = (TO_OPTICAL, "to_sar")
DISCRIMINATORS = ("optical_discriminator", "sar_discriminator")
BETAS = (0.5, 0.999)

ONE_IN, MOST_HELD, DRAWN = 10, 8, 4
"""Of ten tiles one is not learned from, up to eight in all: their scores are curves, and four are drawn."""

Losses = dict[str, Tensor]
Made = tuple[Tensor, Tensor]
"""An optical image and a radar image."""


class CycleGan(Learner):
    """Translation both ways (Zhu et al. 2017) with least-squares adversaries (Mao et al. 2017).

    As the two tiles of a pair show the same ground, `paired` adds the distance of the made optical image from the true
    one (Isola et al. 2017), and `perceptual` that of their features.
    """

    def __init__(self, tiles: Tiles, settings: Settings) -> None:
        held = np.arange(0, len(tiles), ONE_IN)[:MOST_HELD]
        self._learned = np.setdiff1d(np.arange(len(tiles)), held)
        self._tiles, self._held, self._settings = tiles, tiles[held], settings
        self.size = len(self._learned)
        self._pools = {name: ImagePool(settings.pool) for name in DISCRIMINATORS}
        self._perceptual = Perceptual.of(settings.perceptual_weights) if settings.perceptual_weights else None

    def networks(self) -> Networks:
        """Generators and discriminators, of the optical and of the radar image each."""
        sizes, channels = self._settings, (3, 1)
        generators = [Generator(made, sizes.filters, sizes.depth) for made in channels]
        discriminators = [Discriminator(seen, sizes.discriminator_filters) for seen in channels]
        return dict(zip((*GENERATORS, *DISCRIMINATORS), (*generators, *discriminators), strict=True))

    def optimizers(self, networks: Networks) -> Mapping[str, Optimizer]:
        """One for both generators, one for both discriminators."""
        sides = {"generators": GENERATORS, "discriminators": DISCRIMINATORS}
        weights = {side: [w for name in names for w in networks[name].parameters()] for side, names in sides.items()}
        return {side: Adam(each, self._settings.learning_rate, BETAS, fused=True) for side, each in weights.items()}

    def rate(self, done: float) -> float:
        """Full in the first half, then down to nothing along a line."""
        return min(1.0, 2.0 * (1.0 - done))

    def load(self, rows: npt.NDArray[np.int64], random: np.random.Generator) -> Made:
        """Crops of the same ground, each turned and mirrored at random, as bytes."""
        crops = [self._crop(row, random) for row in self._learned[rows].tolist()]
        sar, optical = (torch.from_numpy(np.stack(images)) for images in zip(*crops, strict=True))
        return optical.permute(0, 3, 1, 2), sar.unsqueeze(1)

    def step(self, networks: Networks, batch: Made, update: Update) -> Mapping[str, Tensor]:
        """Move the generators, then the discriminators, which stand still meanwhile."""
        real = (signed(batch[0]), signed(batch[1]))
        with _frozen(networks[name] for name in DISCRIMINATORS):
            made, losses = self._generators(networks, real)
            update("generators", self._weighted(losses))
        if self._settings.adversarial:
            judged = self._discriminators(networks, real, made)
            update("discriminators", torch.stack(list(judged.values())).sum())
            losses |= judged
        return losses

    def evaluate(self, networks: Networks) -> Mapping[str, float]:
        """PSNR, SSIM and L1 on the held pairs."""
        return trying.scored(networks[TO_OPTICAL], self._held)

    def pictures(self, networks: Networks, epoch: int) -> Mapping[str, bytes]:
        """Held pairs in rows: radar, made, true."""
        return {f"samples/epoch-{epoch + 1:03}.png": trying.drawn(networks[TO_OPTICAL], self._held[:DRAWN])}

    def state(self) -> Mapping[str, Any]:
        """The pools of made images."""
        return {name: pool.images for name, pool in self._pools.items()}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Fill the pools again."""
        for name, images in state.items():
            self._pools[name].images = list(images)

    def _crop(self, row: int, random: np.random.Generator) -> tuple[Bytes, Bytes]:
        side = self._settings.crop
        top, left = random.integers(0, self._tiles.sar.shape[1] - side + 1, 2)
        turns, mirrored = int(random.integers(4)), bool(random.integers(2))
        place = np.s_[row, top : top + side, left : left + side]
        sar, optical = (np.rot90(image[place], turns) for image in (self._tiles.sar, self._tiles.optical))
        return (sar[:, ::-1], optical[:, ::-1]) if mirrored else (sar, optical)

    def _generators(self, networks: Networks, real: Made) -> tuple[Made, Losses]:
        """The images made, and every loss that depends on the generators."""
        optical, sar = real
        to_optical, to_sar = (networks[name] for name in GENERATORS)
        made, losses = self._made(to_optical, to_sar, real)
        if self._settings.cycle:
            losses["cycle"] = l1_loss(to_optical(made[1]), optical) + l1_loss(to_sar(made[0]), sar)
        if self._settings.adversarial:
            verdicts = [networks[name](image) for name, image in zip(DISCRIMINATORS, made, strict=True)]
            losses["adversarial"] = _distance(verdicts[0], 1.0) + _distance(verdicts[1], 1.0)
        if self._settings.paired:
            losses["paired"] = l1_loss(made[0], optical)
        if self._perceptual:
            losses["perceptual"] = self._perceptual.to(optical.device)(made[0], optical)
        return made, losses

    def _made(self, to_optical: nn.Module, to_sar: nn.Module, real: Made) -> tuple[Made, Losses]:
        """Each generator's image; for the identity loss it also sees its target domain, in the same pass."""
        optical, sar = real
        if not self._settings.identity:
            return (to_optical(sar), to_sar(optical)), {}
        grey = sar.expand_as(optical)
        made_optical, same_optical = to_optical(torch.cat([grey, optical])).chunk(2)
        made_sar, same_sar = to_sar(torch.cat([optical, grey])).chunk(2)
        return (made_optical, made_sar), {"identity": l1_loss(same_optical, optical) + l1_loss(same_sar, sar)}

    def _discriminators(self, networks: Networks, real: Made, made: Made) -> Losses:
        """Half of how wrong each is about real images and about made ones, from the pool, in one pass."""
        losses: Losses = {}
        for name, true, false in zip(DISCRIMINATORS, real, made, strict=True):
            of_true, of_false = networks[name](torch.cat([true, self._pools[name].mixed(false)])).chunk(2)
            losses[name] = (_distance(of_true, 1.0) + _distance(of_false, 0.0)) / 2
        return losses

    def _weighted(self, losses: Losses) -> Tensor:
        return torch.stack([getattr(self._settings, name) * loss for name, loss in losses.items()]).sum()


def _distance(verdicts: Tensor, wanted: float) -> Tensor:
    return (verdicts - wanted).square().mean()


@contextmanager
def _frozen(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Gradients pass through `networks`, but are not computed for their weights."""
    standing = list(networks)
    for network in standing:
        network.requires_grad_(False)
    try:
        yield
    finally:
        for network in standing:
            network.requires_grad_(True)
