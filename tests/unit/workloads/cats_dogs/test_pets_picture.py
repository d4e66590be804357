import numpy as np
import pytest
from PIL import Image

from headrace.images import rgb
from headrace.workload import BadData
from tests.unit.workloads.cats_dogs.pictures import picture, saved
from workloads.cats_dogs.picture import SIDE, fitted, read


def test_a_photo_is_scaled_to_what_the_network_sees_and_its_size_is_known() -> None:
    found = read(saved(picture(0, 300, 200)), "cat.jpg")
    assert found.pixels.shape == (SIDE, SIDE, 3)
    assert (found.width, found.height) == (300, 200)
    assert found.special == ()


def test_scaling_averages_instead_of_picking() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    inner = read(saved(Image.fromarray(stripes), "PNG"), "a.png").pixels[4:-4, 4:-4]
    assert np.abs(inner.astype(int) - 127).max() <= 2


def test_a_photo_of_many_pixels_looks_as_it_would_without_the_faster_decoding() -> None:
    large = picture(1, 1600, 1200)
    data = saved(large, quality=95)
    exact = rgb(large.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    assert np.abs(read(data, "a.jpg").pixels.astype(int) - exact).mean() < 2


def test_what_has_the_right_size_already_stays_as_it_is() -> None:
    small = picture(2, SIDE, SIDE)
    assert np.array_equal(fitted(small, SIDE), rgb(small))


@pytest.mark.parametrize(
    ("data", "name", "special"),
    [
        (saved(picture(3).convert("L")), "a.jpg", ("grey",)),
        (saved(picture(3).convert("CMYK")), "a.jpg", ("CMYK",)),
        (saved(picture(3).quantize(16), "PNG"), "a.png", ("with a palette",)),
        (saved(picture(3).convert("RGBA"), "PNG"), "a.png", ("see-through",)),
        (saved(picture(3), "PNG"), "a.JPG", ("named for another format",)),
        (saved(picture(3)), "a.JPEG", ()),
        (saved(picture(3)), "image", ()),
    ],
)
def test_unusual_files_are_used_and_said_to_be_unusual(data: bytes, name: str, special: tuple[str, ...]) -> None:
    found = read(data, name)
    assert found.special == special
    assert found.pixels.shape == (SIDE, SIDE, 3)


def test_a_photo_taken_sideways_is_turned_and_its_size_with_it() -> None:
    upright = picture(4, 120, 80)
    exif = Image.Exif()
    exif[0x0112] = 6
    found = read(saved(upright.transpose(Image.Transpose.ROTATE_90), quality=95, exif=exif.tobytes()), "a.jpg")
    assert (found.width, found.height) == (120, 80)
    assert found.special == ("turned as their EXIF says",)
    assert np.abs(found.pixels.astype(int) - read(saved(upright, quality=95), "a.jpg").pixels).mean() < 3


def test_next_to_nothing_is_refused_with_its_size() -> None:
    with pytest.raises(BadData, match=r"cats/1\.png is 8 × 30 pixels"):
        read(saved(picture(5, 8, 30), "PNG"), "cats/1.png")
