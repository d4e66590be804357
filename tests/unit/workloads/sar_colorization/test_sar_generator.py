from pathlib import Path

import numpy as np
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.images import Pixels, grey, opened, rgb
from workloads.sar_colorization.checking import check
from workloads.sar_colorization.generator import sample, write
from workloads.sar_colorization.ground import TERRAINS
from workloads.sar_colorization.layout import find_pairs
from workloads.sar_colorization.setaside import SetAside


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes with a tile of each terrain."""
    folder = tmp_path_factory.mktemp("scenes")
    write(folder, scenes=2, tiles=1, seed=3)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def images(folder: Path) -> list[tuple[str, Pixels, Pixels]]:
    pairs = find_pairs(FolderDataset(folder).names, SetAside())
    return [
        (
            pair.terrain,
            grey(opened((folder / pair.sar).read_bytes())),
            rgb(opened((folder / pair.optical).read_bytes())),
        )
        for pair in pairs
    ]


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(scenes: Path, tmp_path: Path) -> None:
    write(tmp_path / "same", scenes=2, tiles=1, seed=3)
    write(tmp_path / "other", scenes=2, tiles=1, seed=4)
    assert contents(tmp_path / "same") == contents(scenes)
    assert set(contents(tmp_path / "other")) == set(contents(scenes))
    assert not set(contents(tmp_path / "other").values()) & set(contents(scenes).values())


def test_tiles_are_laid_out_and_named_as_the_real_ones(scenes: Path) -> None:
    names = set(contents(scenes))
    assert "v_2/urban/s1/synthetic_s1_2_p1.png" in names
    assert "v_2/urban/s2/synthetic_s2_2_p1.png" in names
    assert len(names) == 2 * 2 * len(TERRAINS)


def test_every_pair_can_be_used_and_no_radar_image_is_its_optical_one_in_grey(scenes: Path) -> None:
    pairs = find_pairs(FolderDataset(scenes).names, SetAside())
    assert {pair.terrain for pair in pairs} == set(TERRAINS)
    assert [check(FolderDataset(scenes), pair).fault for pair in pairs] == [None] * len(pairs)


def test_radar_is_speckled_and_optical_is_not(scenes: Path) -> None:
    for _, sar, optical in images(scenes):
        grain = [np.diff(image.astype(float), axis=1).std() for image in (sar, optical.mean(2))]
        assert grain[0] > 1.2 * grain[1]


def test_colour_can_be_told_from_radar_but_not_from_brightness_alone(scenes: Path) -> None:
    """Woods are bright to radar and dark to a camera, water is dark to both: no line leads from one to the other."""
    for terrain, sar, optical in images(scenes):
        green = optical[:, :, 1].astype(float)
        bands = np.array(
            [green[(low <= sar) & (sar < low + 25)].mean() for low in range(0, 250, 25) if (sar >= low).any()]
        )
        if terrain == "grassland":
            middle = bands[3:6].mean()
            assert bands[0] < middle
            assert bands[-1] < middle


def test_the_sample_is_two_scenes_in_two_splits(tmp_path: Path) -> None:
    sample(tmp_path)
    pairs = find_pairs(FolderDataset(tmp_path).names, SetAside())
    assert len(pairs) == 4
    assert len({pair.scene for pair in pairs}) == 2
