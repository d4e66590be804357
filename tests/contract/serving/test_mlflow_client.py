from base64 import b64decode
from importlib.metadata import version
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest

from headrace import catalogue
from tests.unit.inference.running import Client

from .clients import mlflow as theirs

EXAMPLE = dict(catalogue.describe("loan_default").example)
ROWS = [EXAMPLE, EXAMPLE | {"loan_amnt": 35000, "grade": "F"}, EXAMPLE | {"annual_inc": None}]
PARQUET = "application/vnd.apache.parquet"


def predictions(client: Client, path: str, body: bytes, kind: str) -> Any:
    answer = client.post(path, body, content_type=kind)
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


@pytest.fixture(scope="module")
def wanted(loans: Client) -> Any:
    return loans.post("/predict", ROWS).json()["predictions"]


def test_it_finds_the_service_alive_and_learns_its_version(loans: Client) -> None:
    theirs(loans).ping()
    theirs(loans).wait_server_ready(timeout=5)
    assert theirs(loans).get_version() == version("headrace")


def test_a_data_frame_is_answered_row_by_row(loans: Client, wanted: Any) -> None:
    answered = theirs(loans).invoke(pd.DataFrame(ROWS))
    assert answered.get_predictions().to_dict("records") == wanted


def test_one_row_of_a_frame_is_answered_as_predict_answers_it(loans: Client, wanted: Any) -> None:
    frame = pd.DataFrame(ROWS[:1]).astype(object)
    assert theirs(loans).invoke(frame)["predictions"] == wanted[:1]


def test_params_are_taken(loans: Client, wanted: Any) -> None:
    assert theirs(loans).invoke(pd.DataFrame(ROWS), params={"threshold": 0.5})["predictions"] == wanted


def test_an_array_has_the_fields_in_their_order(adding: Client) -> None:
    assert theirs(adding).invoke(np.array([[1.0, 2.0], [3.0, 4.0]]))["predictions"] == [
        {"score": 1003.0},
        {"score": 1007.0},
    ]


def test_a_list_of_objects_is_answered(adding: Client) -> None:
    assert theirs(adding).invoke([{"a": 1, "b": 2}])["predictions"] == [{"score": 1003.0}]


def test_what_is_wrong_reaches_its_user_as_a_sentence(loans: Client) -> None:
    with pytest.raises(Exception, match=r"error code 400.*row 1: annual_inc: 'much' is not a number from 0"):
        theirs(loans).invoke(pd.DataFrame([EXAMPLE, EXAMPLE | {"annual_inc": "much"}]))


@pytest.mark.parametrize("path", ["/invocations", "/models/loan_default/invocations"])
def test_csv_as_pandas_writes_it_is_answered(loans: Client, wanted: Any, path: str) -> None:
    for options in ({}, {"index": False}, {"index": False, "na_rep": "NaN", "lineterminator": "\r\n"}):
        text = pd.DataFrame(ROWS).to_csv(**options)
        assert predictions(loans, path, text.encode(), "text/csv") == wanted


@pytest.mark.parametrize("compression", ["snappy", "gzip", "zstd", None])
def test_parquet_as_pandas_writes_it_is_answered(loans: Client, wanted: Any, compression: Any) -> None:
    frame = pd.DataFrame(ROWS).assign(
        issue_d=pd.Timestamp("2024-01-01"), grade=lambda rows: rows.grade.astype("category")
    )
    for kept in (frame, frame.set_index(pd.Index([7, 8, 9]))):
        stream = BytesIO()
        kept.to_parquet(stream, compression=compression)
        assert predictions(loans, "/invocations", stream.getvalue(), PARQUET) == wanted


def test_a_picture_goes_as_base64_in_a_frame_and_as_bytes_in_parquet(pets: Client) -> None:
    text = catalogue.describe("cats_dogs").example["image"]
    wanted = pets.post("/predict", [{"image": text}]).json()["predictions"]
    assert theirs(pets).invoke(pd.DataFrame({"image": [text]}))["predictions"] == wanted
    stream = BytesIO()
    pd.DataFrame({"image": [b64decode(text)]}).to_parquet(stream)
    assert predictions(pets, "/invocations", stream.getvalue(), PARQUET) == wanted
    table = pd.DataFrame({"image": [text]}).to_csv(index=False)
    assert predictions(pets, "/invocations", table.encode(), "text/csv") == wanted
