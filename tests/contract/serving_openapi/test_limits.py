"""What a request may make the service hold in memory, and what files of every sort come to, over a real socket."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from tests.unit.inference.running import Client

PICTURES = ("cats_dogs", "sar_colorization", "template_image")
SCENE = "/models/sar_colorization/predict"
PNG = {"accept": "image/png"}


def _saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _sent(client: Client, name: str, data: bytes, **headers: str) -> requests.Response:
    typed = {"content-type": "application/octet-stream", **headers}
    return client.session.post(f"{client.url}/models/{name}/predict", data=data, headers=typed, timeout=30)


def _colours(width: int, height: int) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


@pytest.mark.parametrize("name", PICTURES)
def test_a_small_file_that_unpacks_to_very_much_is_refused_before_it_does(client: Client, name: str) -> None:
    bomb = _saved(Image.new("1", (20_000, 9_000)))
    assert len(bomb) < 100_000
    answer = _sent(client, name, bomb)
    assert (answer.status_code, "image has more than 16 megapixels" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("spoilt", [_saved(Image.new("L", (64, 64)))[:-30], b"", b"GIF89a", b"%PDF-1.7"])
def test_a_file_that_is_no_whole_picture_is_refused_with_its_field(client: Client, name: str, spoilt: bytes) -> None:
    answer = _sent(client, name, spoilt)
    assert answer.status_code == 422
    assert "image is " in answer.json()["error"]


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_a_picture_of_any_mode_is_answered(client: Client, name: str, mode: str) -> None:
    grey = _colours(64, 48).convert("L")
    image = (
        grey.convert("RGBA").convert("LA")
        if mode == "LA"
        else (grey if mode == "I;16" else _colours(64, 48)).convert(mode)
    )
    assert _sent(client, name, _saved(image, "TIFF" if mode == "CMYK" else "PNG")).status_code == 200


@pytest.mark.parametrize("name", PICTURES)
def test_of_an_animation_the_first_picture_is_seen(client: Client, name: str) -> None:
    first, second = _colours(64, 64), Image.new("RGB", (64, 64), "red")
    moving = _sent(client, name, _saved(first, "GIF", save_all=True, append_images=[second])).json()
    still = _sent(client, name, _saved(first, "GIF")).json()
    assert {**moving, "request_id": ""} == {**still, "request_id": ""}


def test_a_scene_held_sideways_is_coloured_upright_and_sent_as_the_file_it_is(client: Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    answer = _sent(client, "sar_colorization", _saved(_colours(40, 30), "JPEG", exif=exif), **PNG)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert (answer.headers["x-model-version"], answer.headers["x-model-alias"]) == ("1", "champion")
    assert Image.open(BytesIO(answer.content)).size == (30, 40)


def test_the_same_scene_is_coloured_the_same_as_json_and_as_a_file(client: Client) -> None:
    scene = _saved(_colours(40, 30))
    as_json = _sent(client, "sar_colorization", scene).json()
    assert as_json["image"] == b64encode(_sent(client, "sar_colorization", scene, **PNG).content).decode()
    assert (as_json["width"], as_json["height"]) == (40, 30)


def test_a_file_answers_one_scene_alone(client: Client) -> None:
    files = [("image", _saved(_colours(20, 20))), ("image", _saved(_colours(20, 20)))]
    answer = client.session.post(client.url + SCENE, files=files, headers=PNG, timeout=10)
    assert (answer.status_code, "one image, not 2" in answer.json()["error"]) == (406, True)


def test_a_scene_in_floating_point_is_colored_as_the_one_in_eight_bits(client: Client) -> None:
    grey = _colours(300, 200).convert("L")
    decibels = grey.convert("F").point(lambda shade: shade * (25 / 255) - 25)
    deep, plain = (_sent(client, "sar_colorization", _saved(each, "TIFF"), **PNG) for each in (decibels, grey))
    assert (deep.status_code, plain.status_code) == (200, 200)
    one, other = (np.asarray(Image.open(BytesIO(each.content)), np.int16) for each in (deep, plain))
    assert np.abs(one - other).max() <= 2


def test_a_scene_is_refused_whose_overlap_makes_too_many_tiles(client: Client) -> None:
    files = {"image": ("a.png", _saved(Image.new("L", (1_500, 1_500))))}
    answer = client.session.post(client.url + SCENE, files=files, data={"overlap": "192"}, timeout=30)
    assert (answer.status_code, "with an overlap of 192" in answer.json()["error"]) == (422, True)


def test_a_scene_is_refused_that_is_long_and_narrow_and_so_of_too_many_tiles(client: Client) -> None:
    answer = _sent(client, "sar_colorization", _saved(Image.new("L", (200_000, 20))))
    assert (answer.status_code, "200000×20 pixels" in answer.json()["error"]) == (422, True)


def test_scenes_are_refused_that_are_too_much_together(client: Client) -> None:
    scene = {"image": b64encode(_saved(Image.new("L", (1_800, 1_800)))).decode()}
    answer = client.post(SCENE, [scene] * 16)
    assert (answer.status_code, "row 1: image has 1800×1800 pixels" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize("name", ["sentiment", "template_text"])
def test_a_text_of_a_whole_book_is_answered_by_its_beginning(client: Client, name: str) -> None:
    beginning = "a lovely story, warmly told " * 800
    alone = client.post(f"/models/{name}/predict", {"text": beginning}).json()
    book = client.post(f"/models/{name}/predict", {"text": beginning + "dull and bad " * 300_000})
    assert book.status_code == 200
    assert book.json()["label"] == alone["label"]


@pytest.mark.parametrize("name", ["loan_default", "synth_tabular", "template_tabular"])
@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "NaN", "Infinity", "1" * 400, "true", '"1e400"', "[1]", '{"a":1}']
)
def test_what_is_no_number_that_a_model_can_use_is_refused(client: Client, name: str, number: str) -> None:
    field = {"loan_default": "annual_inc", "synth_tabular": "f01", "template_tabular": "age"}[name]
    answer = client.post(f"/models/{name}/predict", f'{{"{field}": {number}}}'.encode())
    assert answer.status_code in (400, 422)
    assert answer.status_code == 400 or field in answer.json()["error"]
