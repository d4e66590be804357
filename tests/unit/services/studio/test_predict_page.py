from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from headrace.apikeys import Key, digest
from headrace.images import png
from headrace.settings import Settings
from services.inference.access.doors import Doors
from services.inference.access.guard import Guard
from services.studio.pages import predict
from services.studio.people import Person
from services.studio.studio import Studio
from tests.fakes import FakePlatform
from tests.unit.inference.running import Client
from tests.unit.services.studio.drawing import shown
from tests.unit.services.studio.models import answering, on_trial

DARK, LIGHT = (png(np.full((20, 30, 3), shade, np.uint8)) for shade in (20, 240))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with answering(tmp_path_factory.mktemp("predict"), "loan_default", "cats_dogs", "sentiment") as client:
        yield client


@pytest.fixture
def look(client: Client) -> Iterator[Callable[[str], AppTest]]:
    """The page with a workload chosen."""
    st.cache_data.clear()

    def looked(workload: str, url: str = client.url) -> AppTest:
        page = shown(partial(predict.page, studio(url)))
        if page.selectbox(key="workload").value != workload:
            page.selectbox(key="workload").set_value(workload).run()
        return page

    yield looked
    st.cache_data.clear()


def studio(url: str) -> Studio:
    where = Settings(inference_url=url)
    return Studio(FakePlatform(where), where, Person("ada", "viewer"))


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception, page.exception[0].value
    return page


def markdown(page: AppTest) -> str:
    return "\n".join(str(each.value) for each in page.markdown)


def test_the_form_holds_the_example_and_the_answer_has_label_version_and_request(
    look: Callable[[str], AppTest],
) -> None:
    page = look("loan_default")
    assert page.number_input(key="form.loan_default.loan_amnt").value == 12000
    assert page.selectbox(key="form.loan_default.grade").value == "C"
    press(page, "Ask")
    assert page.metric[0].value == "fully paid"
    assert "Answered by **version 1, champion** in" in markdown(page)
    assert len(page.code[0].value) == 32


def test_what_is_changed_in_the_form_is_what_is_asked(look: Callable[[str], AppTest]) -> None:
    page = look("loan_default")
    page.number_input(key="form.loan_default.loan_amnt").set_value(39_000)
    assert press(page, "Ask").metric[0].value == "charged off"


def test_a_refusal_stands_beside_the_field_that_it_names(look: Callable[[str], AppTest]) -> None:
    page = look("loan_default")
    page.text_input(key="form.loan_default.earliest_cr_line").set_value("yesterday")
    press(page, "Ask")
    said = ':red[:material/error: \'yesterday\' is not a month such as "Aug-1998" or "1998-08"]'
    assert said in markdown(page)
    assert page.error[0].value == "Not asked as the model wants it: see earliest_cr_line."
    assert not page.metric


def test_feedback_is_told_and_the_page_says_that_it_was_counted(client: Client, look: Callable[[str], AppTest]) -> None:
    page = press(look("loan_default"), "Ask")
    request = page.code[0].value
    assert page.selectbox(key=f"feedback.{request}.label").options[0] == "fully_paid"
    page.selectbox(key=f"feedback.{request}.label").set_value("fully_paid")
    page.text_area(key=f"feedback.{request}.comment").set_value("as expected")
    before = client.get("/models/loan_default/feedback/stats").json()
    press(page, "Send feedback")
    assert page.success[0].value.startswith("Taken. This instance of the service has counted feedback on ")
    assert page.success[0].value.endswith("of 1 with a true label 100% were right.")
    after = client.get("/models/loan_default/feedback/stats").json()
    assert (after["rows"], after["comments"]) == (before["rows"] + 1, before["comments"] + 1)


def test_feedback_that_says_nothing_is_not_told(look: Callable[[str], AppTest]) -> None:
    page = press(press(look("loan_default"), "Ask"), "Send feedback")
    assert page.warning[0].value == "Say something first: a thumb, the true label or a comment."


def test_a_text_is_asked_and_an_empty_one_is_refused_beside_it(look: Callable[[str], AppTest]) -> None:
    page = look("sentiment")
    assert press(page, "Ask").metric[0].value == "positive"
    page.text_area(key="form.sentiment.text").set_value("")
    press(page, "Ask")
    assert r":red[:material/error: the text is empty\: there is no word or sign in it; send some]" in markdown(page)


def test_a_table_has_an_answer_or_a_reason_for_every_row(look: Callable[[str], AppTest]) -> None:
    page = look("loan_default")
    table = "loan_amnt,grade,note\n1000,A,x\nmany,B,y\n39000,,z\n"
    page.file_uploader(key="table.loan_default.file").set_value(("loans.csv", table.encode(), "text/csv"))
    press(page, "Score every row")
    found: pd.DataFrame = page.dataframe[0].value
    assert found["label"].fillna("").tolist() == ["fully_paid", "", "charged_off"]
    assert found["refused"].iloc[1] == "loan_amnt: 'many' is not a number from 0 to 1e+09"
    assert found["note"].tolist() == ["x", "y", "z"]
    assert "2 of 3 rows answered by version 1, champion" in page.success[0].value
    assert page.warning[0].value == "1 rows were refused; the column `refused` says why."


def test_a_table_without_any_field_of_the_model_is_refused_with_the_fields(look: Callable[[str], AppTest]) -> None:
    page = look("loan_default")
    page.file_uploader(key="table.loan_default.file").set_value(("cities.csv", b"city\nBasel\n", "text/csv"))
    press(page, "Score every row")
    assert page.error[0].value == (
        "the table has none of the model's fields; they are earliest_cr_line, grade, loan_amnt"
    )


def test_parquet_is_read_too(look: Callable[[str], AppTest]) -> None:
    stream = BytesIO()
    pd.DataFrame({"loan_amnt": [1000.0, None], "grade": ["A", None]}).to_parquet(stream)
    page = look("loan_default")
    page.file_uploader(key="table.loan_default.file").set_value(("l.parquet", stream.getvalue(), "application/x"))
    press(page, "Score every row")
    assert page.dataframe[0].value["label"].tolist() == ["fully_paid", "fully_paid"]


def test_a_photo_is_shown_with_its_answer_and_several_are_a_table(look: Callable[[str], AppTest]) -> None:
    page = look("cats_dogs")
    uploader = page.file_uploader(key="pictures.cats_dogs.files")
    uploader.set_value([("night.png", DARK, "image/png")])
    press(page, "Ask")
    assert page.metric[0].value == "cat"
    uploader = page.file_uploader(key="pictures.cats_dogs.files")
    files = [("night.png", DARK, "image/png"), ("snow.png", LIGHT, "image/png"), ("x.png", b"no", "image/png")]
    uploader.set_value(files)
    press(page, "Ask")
    found: pd.DataFrame = page.dataframe[0].value
    assert found["label"].fillna("").tolist() == ["cat", "dog", ""]
    assert "no picture" in found["refused"].iloc[2]


def test_the_gallery_offers_pictures_that_are_asked_at_once(look: Callable[[str], AppTest]) -> None:
    page = look("cats_dogs")
    page.segmented_control(key="pictures.cats_dogs.way").set_value("Gallery").run()
    offered = [button for button in page.button if (button.key or "").startswith("pictures.cats_dogs.")]
    assert 4 <= len(offered) <= 8
    offered[0].click().run()
    assert page.metric[0].value in ("cat", "dog")


def test_a_workload_without_a_version_says_what_to_do_next(tmp_path: Path) -> None:
    st.cache_data.clear()
    with answering(tmp_path, "cats_dogs") as client:
        page = shown(partial(predict.page, studio(client.url)))
        page.selectbox(key="workload").set_value("loan_default").run()
        assert "`headrace drop loan_default FILE`" in page.info[0].value
    st.cache_data.clear()


def test_a_service_that_is_down_is_a_sentence_and_no_traceback() -> None:
    st.cache_data.clear()
    page = shown(partial(predict.page, studio("http://127.0.0.1:9")))
    assert page.title[0].value == "Predict"
    assert "nothing answers at http://127.0.0.1:9" in page.warning[0].value
    st.cache_data.clear()


def test_a_service_that_goes_down_after_the_page_was_drawn_is_a_sentence_too(tmp_path: Path) -> None:
    st.cache_data.clear()
    with answering(tmp_path, "loan_default") as client:
        page = shown(partial(predict.page, studio(client.url)))
    press(page, "Ask")
    errors: list[Any] = [each.value for each in [*page.error, *page.warning]]
    assert any("nothing answers at" in error for error in errors)
    st.cache_data.clear()


def test_where_the_service_has_keys_the_page_asks_for_ones_own(tmp_path: Path) -> None:
    st.cache_data.clear()
    guard = Guard([Key("ada", digest(b"secret"))])
    with answering(tmp_path, "loan_default", doors=Doors(guard)) as client:
        page = shown(partial(predict.page, studio(client.url)))
        page.selectbox(key="workload").set_value("loan_default").run()
        assert "The inference service: " in page.error[0].value
        page.text_input(key="asking.key.typed").set_value("secret").run()
        assert not page.error
        assert press(page, "Ask").metric[0].value == "fully paid"
    st.cache_data.clear()


def test_a_challenger_that_is_tried_may_be_asked_by_whoever_wants_to(tmp_path: Path) -> None:
    st.cache_data.clear()
    with on_trial(tmp_path, "loan_default") as client:
        page = shown(partial(predict.page, studio(client.url)))
        chooser = page.segmented_control(key="predict.loan_default.version")
        assert chooser.options == ["as for everybody", "version 1, champion", "version 2, challenger"]
        assert "Answered by **version 1, champion**" in markdown(press(page, "Ask"))
        page.segmented_control(key="predict.loan_default.version").set_value(2).run()
        assert "Answered by **version 2, challenger**" in markdown(press(page, "Ask"))
    st.cache_data.clear()
