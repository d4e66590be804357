import numpy as np
import torch

from headrace.images import rgb
from tests.unit.workloads.cats_dogs.pictures import picture
from workloads.cats_dogs.augmentation import augment

PIXELS = np.stack([rgb(picture(seed, 64, 64)) for seed in range(40)])


def augmented(seed: int, strength: float = 1.0) -> torch.Tensor:
    return augment(PIXELS, np.random.default_rng(seed), strength)


def test_the_same_generator_draws_the_same_pictures() -> None:
    assert torch.equal(augmented(3), augmented(3))
    assert not torch.equal(augmented(3), augmented(4))


def test_pictures_stay_pictures() -> None:
    found = augmented(0)
    assert found.shape == (40, 3, 64, 64)
    assert found.dtype == torch.uint8
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_no_strength_leaves_pictures_as_they_are() -> None:
    assert torch.equal(augmented(0, 0.0), torch.from_numpy(PIXELS).permute(0, 3, 1, 2))


def test_little_strength_changes_little_but_for_the_mirror() -> None:
    found = augmented(0, 1e-6).permute(0, 2, 3, 1).numpy().astype(int)
    same = np.abs(found - PIXELS).mean((1, 2, 3)) < 1
    mirrored = np.abs(found[:, :, ::-1] - PIXELS).mean((1, 2, 3)) < 1
    assert (same ^ mirrored).all()
    assert 8 < mirrored.sum() < 32


def test_colours_and_light_vary() -> None:
    before, after = PIXELS.mean((1, 2, 3)), augmented(0).float().mean((1, 2, 3)).numpy()
    assert np.abs(np.log(after / before)).max() > 0.2


def test_some_pictures_are_partly_covered() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 64, 64, 3), np.uint8)
    found = augment(noise, np.random.default_rng(1), 1.0).permute(0, 2, 3, 1).numpy().astype(int)
    flat = (np.diff(found, axis=1) == 0).all(-1).mean((1, 2))
    assert 5 <= (flat > 0.02).sum() <= 20
