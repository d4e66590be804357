import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from headrace import images
from headrace.workload import BadData, Instance
from tests.unit.workloads.cats_dogs.pictures import picture, saved
from workloads.cats_dogs import cache
from workloads.cats_dogs.codec import Encoding, PictureCodec
from workloads.cats_dogs.instances import DESCRIPTORS
from workloads.cats_dogs.picture import SIDE
from workloads.cats_dogs.serving import serving

CODEC = PictureCodec(Encoding())


def sent(seed: int, width: int = 300, height: int = 200) -> dict[str, Any]:
    return {"image": images.as_base64(saved(picture(seed, width, height)))}


def split(folder: Path, count: int = 3) -> Path:
    pixels = [images.rgb(picture(seed, SIDE, SIDE)) for seed in range(count)]
    sizes = np.array([(640, 480)] * (count - 1) + [(90, 300)], np.int32)
    cache.write(folder, pixels, np.arange(count) % 2, sizes)
    return folder


def test_pictures_become_channels_first_at_the_networks_size() -> None:
    encoded = CODEC.encode([sent(0), sent(1)])["image"]
    assert encoded.shape == (2, 3, SIDE, SIDE)
    assert encoded.dtype == np.uint8
    assert not np.array_equal(encoded[0], encoded[1])


def test_answers_carry_a_label_and_the_probability_of_each_class() -> None:
    outputs = {"probabilities": np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]], np.float32)}
    assert CODEC.decode(outputs, [sent(0)] * 3) == [
        {"label": "cat", "cat_probability": 0.75, "dog_probability": 0.25},
        {"label": "cat", "cat_probability": 0.5, "dog_probability": 0.5},
        {"label": "dog", "cat_probability": 0.25, "dog_probability": 0.75},
    ]


@pytest.mark.parametrize(
    ("instance", "sentence"),
    [
        ({}, 'no field "image"'),
        ({"picture": "…"}, 'no field "image"'),
        ({"image": 7}, "image is a int"),
        ({"image": "!"}, "image is '!', which is not base64"),
        ({"image": images.as_base64(b"GIF87a")}, "image is "),
        ({**sent(0), "name": "Rex"}, "'name' is not a field"),
        ({**sent(0), "width": "wide"}, "width is 'wide', not a number"),
        ({**sent(0), "width": float("nan")}, "width is 'nan', not a number"),
        ("no object", 'no field "image"'),
    ],
)
def test_what_is_no_picture_is_refused_by_field(instance: Any, sentence: str) -> None:
    with pytest.raises(BadData) as alone:
        CODEC.encode([instance])
    assert sentence in str(alone.value)
    with pytest.raises(BadData, match=r"^row 1: "):
        CODEC.encode([sent(0), instance])


def test_an_export_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    Encoding(("kitten", "puppy"), 32).write(tmp_path)
    codec = serving.open(tmp_path)
    assert codec.encode([sent(0)])["image"].shape == (1, 3, 32, 32)
    outputs = {"probabilities": np.array([[0.0, 1.0]])}
    assert codec.decode(outputs, [sent(0)])[0]["label"] == "puppy"


def test_examples_are_instances_that_give_the_cached_pixels_again(tmp_path: Path) -> None:
    examples = serving.examples(split(tmp_path))
    assert len(examples.instances) == len(examples.labels) == 3
    encoded = CODEC.encode(list(examples.instances))["image"]
    assert np.array_equal(encoded, cache.read(tmp_path).pixels.transpose(0, 3, 1, 2))
    assert json.loads(json.dumps(examples.instances[1:])) == [examples.instances[1], examples.instances[-1]]
    with pytest.raises(IndexError):
        examples.instances[3]


def test_small_pictures_are_a_slice_of_their_own(tmp_path: Path) -> None:
    assert serving.examples(split(tmp_path)).slices["size"].tolist() == ["large", "large", "small"]


def test_what_is_watched_is_the_same_for_an_upload_and_for_what_is_kept_of_it() -> None:
    uploads = [sent(seed) for seed in range(4)]
    kept = serving.loggable(uploads)
    before, after = serving.describe(uploads), serving.describe(kept)
    assert set(before) == set(DESCRIPTORS)
    for name, column in before.items():
        assert column.dtype == np.float64
        assert column == pytest.approx(after[name])
    assert after["width"].tolist() == [300.0] * 4


def test_a_darker_picture_is_described_as_darker() -> None:
    dark = images.as_base64(images.png(images.rgb(picture(0)) // 3))
    columns = serving.describe([sent(0, 60, 50), {"image": dark}])
    assert columns["brightness"][1] < 0.5 * columns["brightness"][0]
    assert columns["contrast"][1] < 0.5 * columns["contrast"][0]


def test_a_few_kilobytes_are_kept_of_an_upload() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)
    upload = {"image": images.as_base64(images.png(noise, level=1))}
    (kept,) = serving.loggable([upload])
    assert len(kept["image"]) < 20_000 < len(upload["image"])
    (usual,) = serving.loggable([sent(0, 800, 600)])
    assert len(usual["image"]) < 5_000


def test_what_is_kept_is_answered_nearly_as_the_upload_was() -> None:
    upload = sent(0, 500, 400)
    seen, kept = CODEC.encode([upload])["image"], CODEC.encode(serving.loggable([upload]))["image"]
    assert np.abs(seen.astype(int) - kept.astype(int)).mean() < 2


def test_labelled_pictures_are_an_archive_of_class_folders() -> None:
    kept: list[Instance] = serving.loggable([sent(0), sent(1)])
    data = serving.labelled(kept, ["dog", "cat"])
    assert data == serving.labelled(kept, ["dog", "cat"])
    with ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["dogs/000000.jpg", "cats/000001.jpg"]
        assert images.opened(archive.read("cats/000001.jpg")).size == (SIDE, SIDE)


def test_a_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(BadData, match="'horse' is not a picture's label; it is one of cat, dog"):
        serving.labelled(serving.loggable([sent(0)]), ["horse"])
