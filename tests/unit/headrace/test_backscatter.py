from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headrace import images
from headrace.errors import BadData
from headrace.images import Backscatter


def read(values: Any, nodata: str | None = None) -> Backscatter:
    stream = BytesIO()
    Image.fromarray(np.asarray(values)).save(stream, "TIFF", tiffinfo={} if nodata is None else {42113: nodata})
    return images.backscatter(images.header(stream.getvalue()))


def test_decibels_are_black_at_25_below_and_white_at_none() -> None:
    found = read(np.array([[-40, -25, -12.5, 0, 3]], np.float32))
    assert found.grey.tolist() == [[0, 0, 128, 255, 255]]
    assert found.known is None


def test_what_is_never_below_zero_is_a_ratio() -> None:
    found = read(np.array([[0, 10**-2.5, 0.1, 1]], np.float32))
    assert found.grey.tolist() == [[0, 0, 153, 255]]


def test_sixteen_bits_may_lack_data_too() -> None:
    found = read(np.array([[0, 257, 65535]], np.uint16), "0")
    assert found.known is not None
    assert found.known.tolist() == [[False, True, True]]
    assert found.grey.tolist() == [[128, 1, 255]]


def test_a_file_that_names_a_value_it_does_not_have_has_data_everywhere() -> None:
    assert read(np.array([[1, 2]], np.uint8), "0").known is None


@pytest.mark.parametrize("nodata", ["none", "", "nan"])
def test_a_nodata_that_is_no_number_is_nothing(nodata: str) -> None:
    assert read(np.array([[0, 2]], np.uint8), nodata).grey.tolist() == [[0, 2]]


@pytest.mark.parametrize("level", [300.0, 3e38, -3e38])
def test_numbers_that_are_no_backscatter_are_refused_with_the_way_out(level: float) -> None:
    with pytest.raises(BadData, match="which is no backscatter; calibrate it to sigma nought"):
        read(np.full((4, 4), level, np.float32))


@pytest.mark.parametrize("values", [np.full((4, 4), np.nan, np.float32), np.full((4, 4), 7, np.uint8)])
def test_an_image_without_data_is_refused(values: Any) -> None:
    with pytest.raises(BadData, match="no pixel with data"):
        read(values, "7")
