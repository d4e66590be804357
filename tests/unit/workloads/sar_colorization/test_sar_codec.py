from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headrace.images import as_base64, from_base64, png, rgb
from headrace.workload import BadData
from tests.unit.workloads.sar_colorization.scenes import TILE, noise
from workloads.sar_colorization.codec import MOST_PIXELS, SceneCodec


def scene(*shape: int) -> dict[str, Any]:
    return {"image": as_base64(png(noise(sum(shape), *shape), 1))}


def coloured(tiles: Any) -> dict[str, Any]:
    """A network that shows radar as red, its negative as green, and no blue."""
    red = tiles.astype(np.float32) / 255
    return {"optical": np.stack([red, 1 - red, np.zeros_like(red)], 1)}


def answers(*instances: dict[str, Any]) -> list[dict[str, Any]]:
    codec = SceneCodec()
    return codec.decode(coloured(codec.encode(instances)["sar"]), instances)


def test_scenes_of_several_sizes_come_back_in_order_and_size() -> None:
    sizes = [(256, 256), (300, 700), (20, 33), (513, 256)]
    for (height, width), answer in zip(sizes, answers(*(scene(*size) for size in sizes)), strict=True):
        assert (answer["width"], answer["height"]) == (width, height)
        colours = rgb(from_base64(answer["image"]))
        assert np.array_equal(colours[:, :, 0], noise(height + width, height, width))
        assert np.array_equal(colours[:, :, 1], 255 - noise(height + width, height, width))


def test_a_scene_of_one_tile_is_sent_to_the_network_as_it_is() -> None:
    inputs = SceneCodec().encode([scene(TILE, TILE)])
    assert inputs["sar"].dtype == np.uint8
    assert np.array_equal(inputs["sar"], noise(2 * TILE, TILE, TILE)[None])


def test_radar_in_three_equal_channels_is_radar() -> None:
    grey = noise(1, 64, 64)
    as_colour = {"image": as_base64(png(np.repeat(grey[:, :, None], 3, 2)))}
    as_grey = {"image": as_base64(png(grey))}
    from_colour, from_grey = (SceneCodec().encode([each])["sar"] for each in (as_colour, as_grey))
    assert np.array_equal(from_colour, from_grey)


@pytest.mark.parametrize("instance", [{}, {"picture": "x"}, {"image": "x", "size": 1}, "text", None])
def test_what_is_not_one_image_is_refused_with_what_to_send(instance: Any) -> None:
    with pytest.raises(BadData, match=r'send \{"image": a PNG, JPEG or TIFF file in base64\}'):
        SceneCodec().encode([instance])


def test_the_row_at_fault_is_named_among_many() -> None:
    with pytest.raises(BadData, match="row 1: image"):
        SceneCodec().encode([scene(32, 32), {"image": "!"}])


def test_an_image_too_small_for_any_texture_is_refused() -> None:
    with pytest.raises(BadData, match="image has 15×32 pixels; send 16 or more"):
        SceneCodec().encode([scene(32, 15)])


def test_a_scene_that_would_not_fit_into_memory_is_refused() -> None:
    wide = as_base64(png(np.zeros((2_000, MOST_PIXELS // 2_000 + 1), np.uint8), 1))
    with pytest.raises(BadData, match="2001×2000 pixels, more than 4,000,000; send it in parts"):
        SceneCodec().encode([{"image": wide}])


def test_sixteen_bits_a_pixel_are_read_as_brightness_and_not_as_noise() -> None:
    deep, stream = noise(5, 64, 64), BytesIO()
    Image.fromarray(deep.astype(np.uint16) * 257).save(stream, "PNG")
    found = SceneCodec().encode([{"image": as_base64(stream.getvalue())}])["sar"]
    assert np.array_equal(found[0, :64, :64], deep)


@pytest.mark.parametrize("overlap", [0, 64, 64.0, 192, None])
@pytest.mark.parametrize("blend", [True, False, None])
def test_a_scene_may_say_how_its_tiles_overlap_and_meet(overlap: float | None, blend: bool | None) -> None:
    (answer,) = answers(scene(300, 400) | {"overlap": overlap, "blend": blend})
    assert np.array_equal(rgb(from_base64(answer["image"]))[:, :, 0], noise(700, 300, 400))


def test_every_scene_has_the_overlap_it_asked_for() -> None:
    wide, usual = scene(256, 700) | {"overlap": 192}, scene(256, 700)
    tiles = [len(SceneCodec().encode(asked)["sar"]) for asked in ([wide], [usual], [wide, usual])]
    assert tiles == [8, 4, 12]


@pytest.mark.parametrize("overlap", [-1, 193, 1.5, "64", True, float("nan"), 10**400])
def test_an_overlap_that_no_tiling_has_is_refused_with_the_bounds(overlap: Any) -> None:
    with pytest.raises(BadData, match=r"overlap: .* is no whole number from 0 to 192"):
        SceneCodec().encode([scene(32, 32) | {"overlap": overlap}])


def test_a_blend_that_is_no_truth_is_refused() -> None:
    with pytest.raises(BadData, match="blend: 'yes' is neither true nor false"):
        SceneCodec().encode([scene(32, 32) | {"blend": "yes"}])


def test_an_overlap_that_would_make_too_many_tiles_is_refused_and_named() -> None:
    with pytest.raises(BadData, match="1500×1500 pixels, too many with the others with an overlap of 192"):
        SceneCodec().encode([scene(1500, 1500) | {"overlap": 192}])


def geotiff(values: Any, nodata: str = "") -> dict[str, Any]:
    stream = BytesIO()
    Image.fromarray(values).save(stream, "TIFF", tiffinfo={42113: nodata} if nodata else {})
    return {"image": as_base64(stream.getvalue())}


def test_a_geotiff_in_decibels_and_one_of_ratios_are_the_scene_that_training_saw() -> None:
    shades = np.arange(256, dtype=np.float32).repeat(256).reshape(256, 256)
    decibels = (shades / 255 - 1) * 25
    for values in (decibels, 10 ** (decibels / 10)):
        found = SceneCodec().encode([geotiff(values.astype(np.float32))])["sar"]
        assert np.array_equal(found[0], shades)


def test_where_a_geotiff_has_no_data_the_answer_is_transparent_and_nothing_is_black() -> None:
    decibels = np.full((64, 80), -10, np.float32)
    decibels[:, :20] = -9999
    decibels[0, 79] = np.nan
    sent = geotiff(decibels, "-9999")
    (tile,) = SceneCodec().encode([sent])["sar"]
    assert np.ptp(tile) == 0
    seen = np.asarray(from_base64(answers(sent)[0]["image"]))
    assert seen.shape == (64, 80, 4)
    expected = np.isfinite(decibels) & (decibels != -9999)
    assert np.array_equal(seen[:, :, 3] == 255, expected)
