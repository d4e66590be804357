import numpy as np
import pytest

from tests.unit.workloads.sar_colorization.scenes import TILE, noise
from workloads.sar_colorization.tiling import MOST_OVERLAP, OVERLAP, Tiling

SIZES = [(256, 256), (16, 16), (40, 700), (257, 300), (512, 512), (1000, 260), (449, 448)]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_an_image_of_any_size_is_covered_and_comes_back_in_its_size(height: int, width: int) -> None:
    image = noise(0, height, width)
    tiling = Tiling(height, width)
    tiles = tiling.cut(image)
    assert tiles.shape == (len(tiling), TILE, TILE)
    back = tiling.joined(tiles[:, None].astype(np.float32))
    assert back.shape == (1, height, width)
    assert np.abs(back[0] - image).max() < 1e-3


def test_an_image_of_the_size_of_a_tile_is_what_the_network_made_of_it() -> None:
    made = np.random.default_rng(0).random((1, 3, TILE, TILE), np.float32)
    assert len(Tiling(TILE, TILE)) == 1
    assert np.abs(Tiling(TILE, TILE).joined(made) - made[0]).max() < 1e-6


def test_tiles_that_disagree_fade_into_each_other() -> None:
    tiling = Tiling(TILE, 2 * TILE - OVERLAP)
    assert len(tiling) == 2
    black_and_white = np.stack([np.zeros((1, TILE, TILE)), np.ones((1, TILE, TILE))]).astype(np.float32)
    line = tiling.joined(black_and_white)[0, 100]
    assert (line[0], line[-1]) == (0, 1)
    steps = np.diff(line)
    assert steps.min() >= 0
    assert steps.max() < 2 / OVERLAP


@pytest.mark.parametrize("side", [257, 448, 449, 1000, 2000])
def test_neighbouring_tiles_share_enough_to_fade(side: int) -> None:
    columns = np.broadcast_to(np.arange(side) % 256, (TILE, side)).astype(np.uint8)
    tiling = Tiling(TILE, side)
    starts = []
    place = 0
    for tile in tiling.cut(columns):
        while not np.array_equal(columns[:, place : place + TILE], tile):
            place += 1
        starts.append(place)
        place += 1
    assert starts[0] == 0
    assert starts[-1] == side - TILE
    assert max(np.diff(starts)) <= TILE - OVERLAP


@pytest.mark.parametrize("blend", [True, False])
@pytest.mark.parametrize("overlap", [0, 1, 100, MOST_OVERLAP])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_with_any_overlap_an_image_comes_back_as_it_was(height: int, width: int, overlap: int, blend: bool) -> None:
    image, tiling = noise(0, height, width), Tiling(height, width, overlap, blend)
    back = tiling.joined(tiling.cut(image)[:, None].astype(np.float32))
    assert back.shape == (1, height, width)
    assert np.abs(back[0] - image).max() < 1e-3


def test_without_blending_tiles_end_in_the_middle_of_what_they_share() -> None:
    tiling = Tiling(TILE, 2 * TILE - OVERLAP, blend=False)
    black_and_white = np.stack([np.zeros((1, TILE, TILE)), np.ones((1, TILE, TILE))]).astype(np.float32)
    line = tiling.joined(black_and_white)[0, 100]
    assert np.array_equal(line, np.arange(2 * TILE - OVERLAP) >= TILE - OVERLAP // 2)


def test_more_overlap_costs_more_tiles() -> None:
    assert [len(Tiling(500, 700, overlap)) for overlap in (0, OVERLAP, 128, MOST_OVERLAP)] == [6, 12, 15, 40]


def test_what_is_smaller_than_a_tile_is_mirrored_and_not_blackened() -> None:
    image = noise(1, 100, 100) // 2 + 100
    (tile,) = Tiling(100, 100).cut(image)
    assert np.array_equal(tile[:100, :100], image)
    assert np.array_equal(tile[100:199, :100], image[98::-1][:99])
    assert tile.min() >= 100
