from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData, Prepared
from tests.unit.workloads.cats_dogs.pictures import Files, pets, picture, saved, within, written, zipped
from workloads.cats_dogs import cache, generator
from workloads.cats_dogs.picture import SIDE
from workloads.cats_dogs.training import training


def prepared(tmp_path: Path, files: Files, name: str = "split") -> Prepared:
    return training.prepare(FolderDataset(written(tmp_path / f"{name}-dataset", files)), tmp_path / name)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def note(found: Prepared, about: str) -> str:
    (only,) = [each for each in found.notes if about in each]
    return only


def test_pictures_become_arrays_that_can_be_mapped(tmp_path: Path) -> None:
    found = prepared(tmp_path, pets())
    train, test = (cache.read(tmp_path / "split" / part) for part in ("train", "test"))
    assert (len(train), len(test)) == (found.train, found.test)
    assert found.train + found.test == 60
    assert train.pixels.shape == (found.train, SIDE, SIDE, 3)
    assert isinstance(train.pixels, np.memmap)
    assert set(train.labels.tolist()) == set(test.labels.tolist()) == {0, 1}
    assert train.sizes.tolist() == [[60, 50]] * found.train


def test_neither_names_nor_their_order_nor_an_archive_change_what_is_written(tmp_path: Path) -> None:
    files = pets()
    renamed = {
        f"{path.split('/')[0]}/{place:03d}.jpg": data for place, (path, data) in enumerate([*files.items()][::-1])
    }
    layouts = [
        files,
        renamed,
        within("PetImages", files),
        {path.partition("/")[2]: data for path, data in files.items()},
        {"upload.zip": zipped(files)},
    ]
    written_ = []
    for place, layout in enumerate(layouts):
        prepared(tmp_path, layout, f"split{place}")
        written_.append(contents(tmp_path / f"split{place}"))
    assert all(each == written_[0] for each in written_)


def test_a_picture_stays_in_its_split_when_others_come(tmp_path: Path) -> None:
    prepared(tmp_path, pets(30), "before")
    prepared(tmp_path, {**pets(30), **within("new", pets(30, first=1000))}, "after")
    for part in ("train", "test"):
        before, after = (cache.read(tmp_path / name / part).pixels for name in ("before", "after"))
        assert {each.tobytes() for each in before} <= {each.tobytes() for each in after}


def test_the_datasets_own_split_is_used_and_said_to_be(tmp_path: Path) -> None:
    files = {**within("train", pets(12)), **within("test", pets(7, first=500))}
    found = prepared(tmp_path, files)
    assert (found.train, found.test) == (24, 14)
    assert note(found, "split") == "split as the dataset is: its test folders are the test set"


def test_a_validation_folder_is_the_test_set_where_there_is_no_other(tmp_path: Path) -> None:
    alone = {**within("train", pets(12)), **within("validation", pets(7, first=500))}
    assert prepared(tmp_path, alone, "alone").test == 14
    beside = {**alone, **within("test", pets(5, first=900))}
    found = prepared(tmp_path, beside, "beside")
    assert (found.train, found.test) == (24 + 14, 10)


def test_kaggles_unlabelled_test_set_is_set_aside(tmp_path: Path) -> None:
    files = {
        **within("train", pets(30)),
        **{f"test1/{number}.jpg": saved(picture(900 + number)) for number in range(3)},
    }
    found = prepared(tmp_path, files)
    assert note(found, "neither class").startswith("3 set aside, of neither class by folder or name: test1/0.jpg")
    assert "by content" in note(found, "split")


def test_what_has_come_back_joins_a_dataset_with_its_own_split_by_content(tmp_path: Path) -> None:
    files = {**within("train", pets(12)), **within("test", pets(7, first=500))}
    found = prepared(tmp_path, {**files, "labelled-1.zip": zipped(pets(20, first=2000))})
    assert found.train + found.test == 24 + 14 + 40
    assert found.train > 24
    assert found.test > 14
    assert "the 40 pictures outside its folders" in note(found, "split")


def test_a_picture_that_is_a_cat_and_a_dog_is_neither(tmp_path: Path) -> None:
    both = saved(picture(7777))
    found = prepared(tmp_path, {**pets(), "cats/twin.jpg": both, "dogs/twin.jpg": both})
    assert found.train + found.test == 60
    assert note(found, "as a cat and as a dog").endswith(": cats/twin.jpg, dogs/twin.jpg")


def test_copies_count_once_and_never_on_both_sides_of_a_split(tmp_path: Path) -> None:
    test = within("test", pets(7, first=500))
    leaked = {f"train/cats/copy{place}.jpg": data for place, (path, data) in enumerate(test.items()) if "cats" in path}
    found = prepared(tmp_path, {**within("train", pets(12)), **test, **leaked})
    assert (found.train, found.test) == (24, 14)
    assert note(found, "copies").startswith("7 set aside, copies of another picture: train/cats/copy0.jpg")


def test_damaged_and_unusual_files_are_counted_and_listed(tmp_path: Path) -> None:
    dataset = tmp_path / "dataset"
    generator.write_pictures(dataset, 60, broken=True)
    found = training.prepare(FolderDataset(dataset), tmp_path / "split")
    assert found.train + found.test == 60 + 6
    special = note(found, "used all the same")
    for kind in ("1 CMYK", "1 grey", "1 with a palette", "1 see-through", "1 turned", "1 named for another format"):
        assert kind in special
    unreadable = note(found, "unreadable")
    assert unreadable.startswith("4 set aside, unreadable: ")
    for reason in ("empty.jpg is empty", "cut-short.jpg is damaged", "page.jpg is no picture", "is 8 × 8 pixels"):
        assert reason in unreadable


def test_a_file_in_the_folder_of_the_other_class_is_set_aside(tmp_path: Path) -> None:
    found = prepared(tmp_path, {**pets(), "dogs/cat.99.jpg": saved(picture(999))})
    assert note(found, "the other class").endswith(": dogs/cat.99.jpg")


def test_long_lists_are_cut_off(tmp_path: Path) -> None:
    found = prepared(tmp_path, {**pets(), **{f"cats/no{number}.jpg": b"x" for number in range(9)}})
    assert note(found, "unreadable").endswith(", …")
    assert note(found, "unreadable").count("is no picture") == 6


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"cats/1.jpg": b""}, "0 usable pictures of cats"),
        (pets(4), "at least 10 are needed"),
        ({path: data for path, data in pets(60).items() if "cat" in path}, "0 usable pictures of dogs"),
    ],
)
def test_too_few_pictures_of_a_class_are_refused_with_their_number(tmp_path: Path, files: Files, sentence: str) -> None:
    with pytest.raises(BadData, match=sentence):
        prepared(tmp_path, files)


def test_nothing_of_the_work_is_left_beside_the_splits(tmp_path: Path) -> None:
    prepared(tmp_path, pets())
    assert sorted(contents(tmp_path / "split")) == [
        f"{part}/{name}.npy" for part in ("test", "train") for name in ("labels", "pixels", "sizes")
    ]


def test_serving_sees_the_very_pixels_that_were_trained_on(tmp_path: Path) -> None:
    from headrace.images import as_base64
    from workloads.cats_dogs.instances import picture as of_instance

    files = pets(30) | {"cats/sideways.jpg": _sideways(), "dogs/large.jpg": saved(picture(4242, 900, 700))}
    prepared(tmp_path, files)
    cached = {each.tobytes() for part in ("train", "test") for each in cache.read(tmp_path / "split" / part).pixels}
    served = {of_instance({"image": as_base64(data)}).pixels.tobytes() for data in files.values()}
    assert served == cached


def _sideways() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 8
    return saved(picture(31_337, 200, 150), exif=exif.tobytes())
