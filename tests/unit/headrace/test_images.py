from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headrace import images
from headrace.errors import BadData
from headrace.images import Pixels

PHOTO: Pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def saved(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(BadData) as caught:
        images.opened(data, "cat.jpg")
    return str(caught.value)


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF"])
def test_a_lossless_file_gives_its_pixels(file_format: str) -> None:
    opened = images.opened(saved(Image.fromarray(PHOTO), file_format))
    assert np.array_equal(images.rgb(opened), PHOTO)


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, PHOTO),
        (2, PHOTO[:, ::-1]),
        (3, PHOTO[::-1, ::-1]),
        (4, PHOTO[::-1]),
        (5, PHOTO.swapaxes(0, 1)),
        (6, np.rot90(PHOTO)),
        (7, PHOTO[::-1, ::-1].swapaxes(0, 1)),
        (8, np.rot90(PHOTO, -1)),
    ],
)
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_a_picture_is_turned_as_its_camera_was_held(orientation: int, stored: Pixels, file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(np.ascontiguousarray(stored)), file_format, exif=exif)
    assert np.array_equal(images.rgb(images.opened(data)), PHOTO)


def test_damaged_metadata_spoils_no_picture() -> None:
    data = saved(Image.fromarray(PHOTO), exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff")
    assert np.array_equal(images.rgb(images.opened(data)), PHOTO)


def test_a_large_photo_that_is_to_become_small_is_decoded_at_a_part_of_its_size() -> None:
    smooth = Image.fromarray(PHOTO).resize((1200, 800), Image.Resampling.BICUBIC)
    header = images.header(saved(smooth, "JPEG"))
    assert header.size == (1200, 800)
    small = images.decoded(header, least=150)
    assert small.size == (300, 200)
    assert np.abs(images.rgb(small).astype(int) - images.rgb(smooth.reduce(4))).mean() < 3


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert images.rgb(images.opened(data))[0, 0].tolist() == [255, 0, 0]


def test_nothing_is_refused_by_name() -> None:
    assert "cat.jpg is empty" in refused(b"")


def test_what_is_no_picture_is_refused() -> None:
    assert "cat.jpg is no picture" in refused(b"<html><body>404</body></html>")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_file_cut_short_is_refused(file_format: str) -> None:
    whole = saved(Image.fromarray(PHOTO), file_format)
    assert "cat.jpg is damaged" in refused(whole[: len(whole) // 2])


@pytest.mark.parametrize("size", [(10_000, 1_601), (10_000, 9_000), (20_000, 10_000)])
def test_a_picture_that_unpacks_to_too_much_is_refused(size: tuple[int, int]) -> None:
    assert "16 megapixels" in refused(saved(Image.new("1", size)))


@pytest.mark.parametrize(("progressive", "size", "words"), [(False, 8001, "64 megapix"), (True, 4001, "16 megapix")])
def test_a_photo_may_be_larger_where_it_is_read_row_by_row(progressive: bool, size: int, words: str) -> None:
    assert images.header(saved(Image.new("L", (8_000, 4_001)), "JPEG")).width == 8_000
    assert words in refused(saved(Image.new("L", (size, size)), "JPEG", progressive=progressive))


def test_the_size_of_a_photo_is_known_before_it_is_decoded() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = images.header(saved(Image.new("L", (30, 20)), "JPEG", exif=exif))
    assert images.upright(photo) == images.decoded(photo).size == (20, 30)


def test_formats_that_run_other_programs_are_refused() -> None:
    assert "one of JPEG" in refused(saved(Image.fromarray(PHOTO), "EPS"))


def test_base64_text_gives_the_picture_with_or_without_what_browsers_put_before_it() -> None:
    text = images.as_base64(images.png(PHOTO))
    wrapped = "\n".join(text[start:stop] for start, stop in pairwise([*range(0, len(text), 76), len(text)]))
    for sent in (text, f"data:image/png;base64,{text}", wrapped):
        assert np.array_equal(images.rgb(images.from_base64(sent)), PHOTO)


@pytest.mark.parametrize("value", [None, 3, b"", [1], "no base64!", "é", "QQ=", "", "data:image/png;base64,"])
def test_what_is_not_base64_of_a_picture_is_refused_by_field(value: object) -> None:
    with pytest.raises(BadData, match=r"^picture "):
        images.from_base64(value, "picture")


def test_what_can_be_seen_through_lies_on_white() -> None:
    glass = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    glass.putpixel((1, 0), (255, 0, 0, 255))
    assert images.rgb(images.opened(saved(glass)))[0].tolist() == [[255, 255, 255], [255, 0, 0]]
    assert images.grey(glass.convert("LA"))[0].tolist() == [255, 76]


def test_a_palette_with_a_transparent_entry_lies_on_white() -> None:
    indexed = Image.new("P", (2, 1))
    indexed.putpalette([9, 9, 9, 0, 0, 255])
    indexed.putpixel((1, 0), 1)
    opened = images.opened(saved(indexed, transparency=0))
    assert images.rgb(opened)[0].tolist() == [[255, 255, 255], [0, 0, 255]]


def test_sixteen_bits_are_scaled_down_and_not_cut_off() -> None:
    deep = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    opened = images.opened(saved(Image.fromarray(deep)))
    assert np.array_equal(images.grey(opened).ravel(), np.arange(256))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "I", "I;16", "LA", "RGBA"])
def test_every_mode_that_files_come_in_has_colours_and_greys(mode: str) -> None:
    image = Image.new("RGB", (6, 4), "white").convert(mode)
    assert images.rgb(image).shape == (4, 6, 3)
    assert images.grey(image).shape == (4, 6)


def test_a_cmyk_photo_keeps_its_colours() -> None:
    red = Image.new("RGB", (16, 16), (200, 30, 40))
    found = images.rgb(images.opened(saved(red.convert("CMYK"), "JPEG", quality=95)))
    assert np.abs(found.astype(int) - [200, 30, 40]).max() <= 3


@pytest.mark.parametrize("mode", ["F", "LAB"])
def test_pixels_without_a_scale_are_refused(mode: str) -> None:
    with pytest.raises(BadData, match=f"mode {mode}"):
        images.rgb(Image.new(mode, (4, 4)))


def test_a_jpeg_is_near_its_pixels_and_small() -> None:
    smooth = np.linspace(0, 255, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint8)
    data = images.jpeg(smooth)
    assert len(data) < smooth.nbytes / 4
    assert np.abs(images.rgb(images.opened(data)).astype(int) - smooth).mean() < 2


def test_descriptors_follow_light_contrast_and_focus() -> None:
    flat = images.descriptors(np.full((8, 10), 51, np.uint8))
    nothing = {"contrast": 0, "sharpness": 0, "speckle": 0}
    assert flat == pytest.approx({"brightness": 0.2, **nothing, "width": 10, "height": 8}, abs=1e-6)
    blurred = np.asarray(Image.fromarray(PHOTO).reduce(4).resize((60, 40)))
    focused, soft = images.descriptors(PHOTO), images.descriptors(blurred)
    assert focused["sharpness"] > 2 * soft["sharpness"]
    grained = np.random.default_rng(0).gamma(4, 25, (64, 64)).clip(0, 255).astype(np.uint8)
    assert images.descriptors(grained)["speckle"] == pytest.approx(0.5, abs=0.05)
    assert images.descriptors(grained[:7])["speckle"] == 0
    assert focused["contrast"] > soft["contrast"]


def test_a_grid_shows_every_picture_in_its_place() -> None:
    grey = np.full((10, 12), 128, np.uint8)
    sheet = images.rgb(images.opened(images.grid([[PHOTO, grey], [grey]])))
    assert sheet.shape == (4 + 2 * 44, 4 + 2 * 64, 3)
    assert np.array_equal(sheet[4:44, 4:64], PHOTO)
    assert (sheet[4:14, 68:80] == 128).all()
    assert (sheet[48:58, 4:16] == 128).all()
    assert (sheet[48:, 68:] == 255).all()


def test_a_grid_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one picture"):
        images.grid([[], []])
