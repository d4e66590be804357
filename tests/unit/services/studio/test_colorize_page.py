from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from headrace.adapters.inference import Drawn, Refused
from headrace.images import png
from headrace.settings import Settings
from services.studio.pages import colorize
from services.studio.people import Person
from services.studio.reading import gallery, previews
from services.studio.reading.colored import Colored, Failed, color, zipped
from services.studio.reading.gallery import Picture
from services.studio.reading.placed import is_placed, placed
from services.studio.studio import Studio
from tests.fakes import FakePlatform
from tests.unit.inference.running import Client
from tests.unit.services.studio.drawing import shown
from tests.unit.services.studio.models import answering

SCENE = np.random.default_rng(3).integers(0, 256, (300, 500), np.uint8)
PLACE = {33550: (10.0, 10.0, 0.0), 33922: (0.0, 0.0, 0.0, 500_000.0, 5_500_000.0, 0.0), 34735: (1, 1, 0, 0)}


def geotiff(tags: Mapping[int, Any] = PLACE) -> bytes:
    decibels = ((SCENE / 255 - 1) * 25).astype(np.float32)
    decibels[:, :100] = -9999
    stream = BytesIO()
    Image.fromarray(decibels).save(stream, "TIFF", tiffinfo={**tags, 42113: "-9999"})
    return stream.getvalue()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("colorize")
    with answering(folder, "sar_colorization", tags={"headrace.precision": "float32"}) as client:
        yield client


@pytest.fixture
def look(client: Client) -> Iterator[Callable[[], AppTest]]:
    st.cache_data.clear()
    where = Settings(inference_url=client.url)
    studio = Studio(FakePlatform(where), where, Person("ada", "viewer"))
    yield lambda: shown(partial(colorize.page, studio))
    st.cache_data.clear()


def send(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploader = page.file_uploader(key="pictures.sar_colorization.files")
    uploader.set_value([(name, data, "image/any") for name, data in files])
    next(button for button in page.button if button.label == "Colorize").click()
    page.run()
    assert not page.exception, page.exception[0].value
    return page


def markdown(page: AppTest) -> str:
    return "\n".join(str(each.value) for each in page.markdown)


def test_an_image_comes_back_in_its_size_with_the_version_and_what_it_computes_in(look: Callable[[], AppTest]) -> None:
    page = send(look(), ("scene.png", png(SCENE)))
    assert "**version 1, champion**" in markdown(page)
    assert "500 × 300 pixels, in float32" in markdown(page)
    assert len(page.code[0].value) == 32


def test_several_images_are_one_zip_and_one_that_fails_stops_no_other(look: Callable[[], AppTest]) -> None:
    page = send(look(), ("a.png", png(SCENE)), ("broken.png", b"\x89PNG"), ("b.tif", geotiff()))
    assert page.error[0].value.startswith("broken.png: the image is ")
    assert page.success[0].value.startswith("2 of 3 images in")
    assert list(page.selectbox[0].options) == ["a.png", "b.tif"]


def test_the_options_that_the_model_takes_are_offered_with_their_bounds(look: Callable[[], AppTest]) -> None:
    page = look()
    overlap = page.number_input(key="form.sar_colorization.overlap")
    assert (overlap.value, overlap.min, overlap.max, overlap.step) == (64, 0, 192, 1)
    overlap.set_value(192)
    page.checkbox(key="form.sar_colorization.blend").uncheck()
    assert "Answered by" in markdown(send(page, ("scene.png", png(SCENE))))


def test_what_the_service_refuses_is_its_sentence_with_the_files_name(look: Callable[[], AppTest]) -> None:
    page = send(look(), ("tiny.png", png(SCENE[:10, :10])))
    assert page.error[0].value == "tiny.png: image has 10×10 pixels; send 16 or more on each side"


def test_a_scene_of_the_gallery_is_colored_at_once(look: Callable[[], AppTest]) -> None:
    page = look()
    page.segmented_control(key="pictures.sar_colorization.way").set_value("Gallery").run()
    offered = [button for button in page.button if (button.key or "").startswith("pictures.sar_colorization.")]
    assert len(offered) == 4
    offered[0].click().run()
    assert "256 × 256 pixels" in markdown(page)


def test_feedback_on_an_image_has_no_label_and_is_counted(client: Client, look: Callable[[], AppTest]) -> None:
    page = send(look(), ("scene.png", png(SCENE)))
    request = page.code[0].value
    assert not any(box.key == f"feedback.{request}.label" for box in page.selectbox)
    page.text_area(key=f"feedback.{request}.comment").set_value("too green")
    next(button for button in page.button if button.label == "Send feedback").click()
    page.run()
    assert page.success[-1].value.startswith("Taken.")
    assert client.get("/models/sar_colorization/feedback/stats").json()["comments"] >= 1


def test_a_service_that_is_down_is_a_sentence() -> None:
    st.cache_data.clear()
    where = Settings(inference_url="http://127.0.0.1:9")
    page = shown(partial(colorize.page, Studio(FakePlatform(where), where, Person("ada", "viewer"))))
    assert "nothing answers at http://127.0.0.1:9" in page.warning[0].value


def _drawn(image: Any) -> Drawn:
    return Drawn(png(image), "1", "champion", "r", 0.1)


def _colors() -> Any:
    return np.dstack([SCENE, SCENE, SCENE])


def test_the_colors_of_a_geotiff_are_a_geotiff_of_the_same_place() -> None:
    source = geotiff()
    assert is_placed(source)
    with Image.open(BytesIO(placed(source, png(_colors())))) as made:
        assert {tag: tuple(made.tag_v2[tag]) for tag in PLACE} == PLACE  # type: ignore[attr-defined]
        assert np.array_equal(np.asarray(made), _colors())


@pytest.mark.parametrize("data", [png(SCENE), geotiff({}), b"no picture"], ids=["PNG", "TIFF", "nothing"])
def test_a_file_without_a_place_is_not_placed(data: bytes) -> None:
    assert not is_placed(data)


def test_files_of_the_same_name_are_all_in_the_zip() -> None:
    one = color(Picture("a.png", png(SCENE)), lambda _: _drawn(_colors()))
    assert isinstance(one, Colored)
    with ZipFile(BytesIO(zipped([one, one, one]))) as file:
        assert file.namelist() == ["a-colored.png", "a-colored-2.png", "a-colored-3.png"]
        assert file.read("a-colored-3.png") == one.drawn.png


def test_a_refusal_is_what_failed_and_not_an_error() -> None:
    def refuse(_: Picture) -> Drawn:
        raise Refused("send less")

    assert color(Picture("a.png", png(SCENE)), refuse) == Failed("a.png", "send less")


def test_previews_are_small_and_transparent_where_there_is_no_data() -> None:
    with Image.open(BytesIO(previews.radar(geotiff(), 100))) as seen:
        assert seen.format == "WEBP"
        assert max(seen.size) == 100
        alpha = np.asarray(seen.convert("RGBA"))[:, :, 3]
    assert alpha[:, :15].max() < 50
    assert alpha[:, 30:].min() > 200


def test_a_workload_without_a_generator_has_an_empty_gallery() -> None:
    assert gallery.pictures("no_such_workload") == ()
