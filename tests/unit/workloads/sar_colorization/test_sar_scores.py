import numpy as np
import pytest

from tests.unit.workloads.sar_colorization.scenes import noise
from workloads.sar_colorization.scores import IDENTICAL, l1, psnr, ssim


def flat(value: int, side: int = 32) -> np.typing.NDArray[np.uint8]:
    return np.full((side, side, 3), value, np.uint8)


def test_a_difference_of_ten_everywhere_has_the_psnr_and_l1_of_the_textbook() -> None:
    assert psnr(flat(100), flat(110)) == pytest.approx(20 * np.log10(25.5))
    assert l1(flat(100), flat(110)) == pytest.approx(10 / 255)


def test_black_for_white_is_as_wrong_as_can_be() -> None:
    assert psnr(flat(0), flat(255)) == pytest.approx(0)
    assert l1(flat(0), flat(255)) == 1


def test_the_same_image_has_the_best_scores_and_none_is_infinite() -> None:
    image = noise(0, 40, 50, 3)
    assert psnr(image, image) == IDENTICAL
    assert ssim(image, image) == pytest.approx(1)
    assert l1(image, image) == 0


def test_flat_images_differ_in_luminance_alone() -> None:
    luminance = (0.01 * 255) ** 2
    expected = (2 * 100 * 150 + luminance) / (100**2 + 150**2 + luminance)
    assert ssim(flat(100), flat(150)) == pytest.approx(expected)


def test_ssim_is_what_its_definition_gives_window_by_window() -> None:
    x, y = noise(1, 14, 16, 3).astype(float), noise(2, 14, 16, 3).astype(float)
    y = 0.6 * x + 0.4 * y
    x, y = x.astype(np.uint8).astype(float), y.astype(np.uint8).astype(float)
    line = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    weights = np.outer(line, line) / line.sum() ** 2
    found = []
    for channel in range(3):
        for top in range(4):
            for left in range(6):
                a, b = (image[top : top + 11, left : left + 11, channel] for image in (x, y))
                mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
                var_a, var_b = (weights * (a - mean_a) ** 2).sum(), (weights * (b - mean_b) ** 2).sum()
                both = (weights * (a - mean_a) * (b - mean_b)).sum()
                c1, c2 = 2.55**2, 7.65**2
                found.append(
                    (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
                )
    assert ssim(x.astype(np.uint8), y.astype(np.uint8)) == pytest.approx(np.mean(found))


def test_an_inverted_pattern_is_less_alike_than_no_pattern() -> None:
    pattern = noise(3, 32, 32, 3)
    assert ssim(255 - pattern, pattern) < ssim(flat(int(pattern.mean())), pattern) < 1


def test_noise_and_blur_cost_structure() -> None:
    image = np.kron(noise(4, 8, 8, 3), np.ones((8, 8, 1))).astype(np.uint8)
    noisy = np.clip(image + np.random.default_rng(0).normal(0, 20, image.shape), 0, 255).astype(np.uint8)
    noisier = np.clip(image + np.random.default_rng(0).normal(0, 60, image.shape), 0, 255).astype(np.uint8)
    assert 1 > ssim(noisy, image) > ssim(noisier, image) > 0
