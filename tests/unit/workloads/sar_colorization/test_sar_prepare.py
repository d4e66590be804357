import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.images import png
from headrace.workload import BadData, Prepared
from tests.unit.workloads.sar_colorization.scenes import TILE, noise, write_pair
from workloads.sar_colorization.cache import read_tiles
from workloads.sar_colorization.preparing import prepare


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Scene 1 of eight pairs in two terrains, scene 2 of two."""
    folder = tmp_path / "dataset"
    for tile in range(4):
        write_pair(folder, "agri", 1, tile)
        write_pair(folder, "urban", 1, tile)
    for tile in range(2):
        write_pair(folder, "agri", 2, tile)
    return folder


def said(prepared: Prepared, words: str) -> str:
    (note,) = (note for note in prepared.notes if words in note)
    return note


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_whole_scene_is_held_out(dataset: Path, tmp_path: Path) -> None:
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert (prepared.train, prepared.test) == (8, 2)
    assert "1 of 2 scenes, which training does not see: ROI_2" in said(prepared, "tested on")
    test = read_tiles(tmp_path / "split" / "test")
    sar, _ = write_pair(tmp_path / "again", "agri", 2, 0)
    assert test.terrain.tolist() == ["agri", "agri"]
    assert png(test.sar[0], 1) == sar.read_bytes()


def test_radar_and_optical_stay_together(dataset: Path, tmp_path: Path) -> None:
    for mark, sar in enumerate(sorted(dataset.rglob("*_s1_*.png"))):
        scene, tile = (int("".join(filter(str.isdigit, part))) for part in sar.stem.split("_")[2:])
        radar, colours = noise(mark, TILE, TILE), noise(mark + 99, TILE, TILE, 3)
        radar[0, 0] = colours[0, 0, 0] = mark
        write_pair(dataset, sar.parts[-3], scene, tile, radar, colours)
    prepare(FolderDataset(dataset), tmp_path / "split")
    for name in ("train", "test"):
        tiles = read_tiles(tmp_path / "split" / name)
        assert np.array_equal(tiles.sar[:, 0, 0], tiles.optical[:, 0, 0, 0])


def test_a_scene_stays_on_its_side_when_another_comes(dataset: Path, tmp_path: Path) -> None:
    for tile in range(10):
        write_pair(dataset, "urban", 3, tile)
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert "ROI_2" in said(prepared, "tested on")


def test_the_leading_folder_and_the_order_of_files_change_nothing(dataset: Path, tmp_path: Path) -> None:
    prepare(FolderDataset(dataset), tmp_path / "first")
    below = tmp_path / "other" / "v_2"
    for path in sorted(dataset.rglob("*.png"), reverse=True):
        target = below / path.relative_to(dataset)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    prepare(FolderDataset(tmp_path / "other"), tmp_path / "second")
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_one_scene_alone_is_split_by_tile_with_a_warning(tmp_path: Path) -> None:
    for tile in range(10):
        write_pair(tmp_path / "dataset", "agri", 7, tile)
    prepared = prepare(FolderDataset(tmp_path / "dataset"), tmp_path / "split")
    assert (prepared.train, prepared.test) == (8, 2)
    assert "expect less of other scenes" in said(prepared, "all pairs are of one scene")


def remove_optical(dataset: Path) -> None:
    (dataset / "agri" / "s2" / "ROI_s2_1_p0.png").unlink()


def remove_radar(dataset: Path) -> None:
    (dataset / "agri" / "s1" / "ROI_s1_1_p0.png").unlink()


def cut_short(dataset: Path) -> None:
    path = dataset / "agri" / "s1" / "ROI_s1_1_p0.png"
    path.write_bytes(path.read_bytes()[:1000])


def empty(dataset: Path) -> None:
    (dataset / "agri" / "s2" / "ROI_s2_1_p0.png").write_bytes(b"")


def write_text(dataset: Path) -> None:
    (dataset / "agri" / "s2" / "ROI_s2_1_p0.png").write_text("no picture")


def shrink_one(dataset: Path) -> None:
    write_pair(dataset, "agri", 1, 0, sar=noise(0, 300, 256))


def shrink_both(dataset: Path) -> None:
    write_pair(dataset, "agri", 1, 0, noise(0, 255, 256), noise(0, 255, 256, 3))


def blacken(dataset: Path) -> None:
    write_pair(dataset, "agri", 1, 0, sar=np.zeros((TILE, TILE)))


def repeat(dataset: Path) -> None:
    for sensor in (1, 2):
        folder = dataset / "agri" / f"s{sensor}"
        shutil.copy(folder / f"ROI_s{sensor}_2_p0.png", folder / f"ROI_s{sensor}_1_p0.png")


def copy_luminance(dataset: Path) -> None:
    optical = noise(9, TILE, TILE, 3)
    grey = optical @ [0.299, 0.587, 0.114]
    write_pair(dataset, "agri", 1, 0, grey * 0.5 + 20, optical)


def copy_negative_of_red(dataset: Path) -> None:
    optical = noise(9, TILE, TILE, 3)
    write_pair(dataset, "agri", 1, 0, 255 - optical[:, :, 0], optical)


FAULTS: dict[Callable[[Path], None], str] = {
    remove_optical: "1 set aside: without the other image of their pair (agri/s1/ROI_s1_1_p0.png)",
    remove_radar: "1 set aside: without the other image of their pair (agri/s2/ROI_s2_1_p0.png)",
    cut_short: "1 set aside: images that cannot be decoded (agri/ROI_s1_1_p0.png)",
    empty: "1 set aside: images that cannot be decoded (agri/ROI_s1_1_p0.png)",
    write_text: "1 set aside: images that cannot be decoded (agri/ROI_s1_1_p0.png)",
    shrink_one: "1 set aside: pairs whose images differ in size (agri/ROI_s1_1_p0.png)",
    shrink_both: "1 set aside: pairs smaller than 256×256 pixels (agri/ROI_s1_1_p0.png)",
    blacken: "1 set aside: pairs of which one image has the same value everywhere (agri/ROI_s1_1_p0.png)",
    repeat: "1 set aside: pairs with the same pixels as another (agri/ROI_s1_2_p0.png)",
    copy_luminance: "1 set aside: pairs whose radar image is the optical one in grey (agri/ROI_s1_1_p0.png)",
    copy_negative_of_red: "1 set aside: pairs whose radar image is the optical one in grey (agri/ROI_s1_1_p0.png)",
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_a_pair_that_teaches_nothing_is_set_aside_and_named(
    spoil: Callable[[Path], None], dataset: Path, tmp_path: Path
) -> None:
    spoil(dataset)
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert prepared.train + prepared.test == 9
    assert FAULTS[spoil] in prepared.notes


def test_files_that_are_elsewhere_are_counted(dataset: Path, tmp_path: Path) -> None:
    (dataset / "cover.png").write_bytes(b"x")
    (dataset / "agri" / "s1" / "unnamed.png").write_bytes(b"x")
    wrong = dataset / "agri" / "s2" / "ROI_s1_1_p77.png"
    shutil.copy(dataset / "agri" / "s1" / "ROI_s1_1_p0.png", wrong)
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert (prepared.train, prepared.test) == (8, 2)
    assert said(prepared, "not laid out").startswith("3 set aside")


def test_radar_that_is_not_radar_is_refused(dataset: Path, tmp_path: Path) -> None:
    for tile in range(2):
        optical = noise(tile, TILE, TILE, 3)
        write_pair(dataset, "agri", 1, tile, optical.mean(2), optical)
    with pytest.raises(BadData, match="2 of 10 radar images are their own optical image in grey"):
        prepare(FolderDataset(dataset), tmp_path / "split")


def test_a_larger_pair_becomes_several_tiles_of_the_same_ground(dataset: Path, tmp_path: Path) -> None:
    sar, optical = noise(1, 530, 700), noise(2, 530, 700, 3)
    write_pair(dataset, "urban", 1, 0, sar, optical)
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert prepared.train == 7 + 4
    tiles = read_tiles(tmp_path / "split" / "train")
    (place,) = (row for row in range(len(tiles)) if np.array_equal(tiles.sar[row], sar[256:512, 256:512]))
    assert np.array_equal(tiles.optical[place], optical[256:512, 256:512])
    assert tiles.terrain[place] == "urban"


def test_terrains_with_few_pairs_and_those_never_trained_on_are_named(dataset: Path, tmp_path: Path) -> None:
    write_pair(dataset, "grassland", 2, 5)
    prepared = prepare(FolderDataset(dataset), tmp_path / "split")
    assert "fewer than 20 pairs of agri, grassland, urban" in said(prepared, "fewer than")
    assert "grassland" in said(prepared, "tested only")


def test_too_few_pairs_are_refused_with_what_was_found_instead(tmp_path: Path) -> None:
    for tile in range(3):
        write_pair(tmp_path / "dataset", "agri", 1, tile)
    (tmp_path / "dataset" / "stray.png").write_bytes(b"x")
    with pytest.raises(BadData, match=r"3 pairs were found, fewer than 4; 1 set aside: not laid out as .*stray\.png"):
        prepare(FolderDataset(tmp_path / "dataset"), tmp_path / "split")


def test_a_test_scene_of_which_nothing_is_left_is_refused(dataset: Path, tmp_path: Path) -> None:
    for path in dataset.rglob("*_s2_2_*.png"):
        path.write_bytes(b"")
    with pytest.raises(BadData, match="8 pairs are left to train on and 0 to test with, too few; 2 set aside"):
        prepare(FolderDataset(dataset), tmp_path / "split")
