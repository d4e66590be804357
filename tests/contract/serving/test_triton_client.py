from base64 import b64decode
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from headrace import catalogue
from tests.unit.inference.running import Client

from .clients import triton

PICTURE = catalogue.describe("cats_dogs").example["image"]
LOAN = dict(catalogue.describe("loan_default").example)
NUMBERS = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64"]
NUMPY = {"FP": "float", "INT": "int", "UINT": "uint"}


def tensor(name: str, values: Any, datatype: str, binary: bool) -> InferInput:
    found = InferInput(name, list(values.shape), datatype)
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def numbers(binary: bool = True, datatype: str = "FP64", **columns: Any) -> list[InferInput]:
    kind = datatype.rstrip("0123456789")
    dtype = NUMPY[kind] + datatype.removeprefix(kind)
    return [tensor(name, np.asarray(column, dtype), datatype, binary) for name, column in columns.items()]


@pytest.fixture
def adds(adding: Client) -> Iterator[InferenceServerClient]:
    with triton(adding) as client:
        yield client


def test_it_finds_service_and_model_alive_and_ready(adds: InferenceServerClient) -> None:
    assert adds.is_server_live()
    assert adds.is_server_ready()
    assert adds.is_model_ready("tiny")
    assert adds.is_model_ready("tiny", "1")
    assert not adds.is_model_ready("tiny", "2")
    assert not adds.is_model_ready("huge")


def test_it_learns_what_the_service_and_the_model_are(adds: InferenceServerClient) -> None:
    assert adds.get_server_metadata() == {
        "name": "headrace", "version": version("headrace"), "extensions": ["binary_tensor_data"]
    }  # fmt: skip
    wanted = {
        "name": "tiny",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": name, "datatype": "FP64", "shape": [-1]} for name in ("a", "b")],
        "outputs": [{"name": "score", "datatype": "FP64", "shape": [-1]}],
    }
    assert adds.get_model_metadata("tiny") == wanted
    assert adds.get_model_metadata("tiny", "1") == wanted


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_rows_are_answered_as_json_and_as_binary(
    adds: InferenceServerClient, binary_in: bool, binary_out: bool
) -> None:
    inputs = numbers(binary_in, a=[1, 3], b=[2, 4.5])
    outputs = [InferRequestedOutput("score", binary_data=binary_out)]
    result = adds.infer("tiny", inputs, outputs=outputs, request_id="mine")
    assert result.as_numpy("score").tolist() == [1003.0, 1007.5]
    said = result.get_response()
    assert (said["model_name"], said["model_version"], said["id"]) == ("tiny", "1", "mine")
    assert ("data" in said["outputs"][0]) != binary_out


@pytest.mark.parametrize("datatype", NUMBERS)
@pytest.mark.parametrize("binary", [True, False])
def test_numbers_of_every_datatype_are_taken(adds: InferenceServerClient, datatype: str, binary: bool) -> None:
    result = adds.infer("tiny", numbers(binary, datatype, a=[1, 2], b=[3, 4]))
    assert result.as_numpy("score").tolist() == [1004.0, 1006.0]


def test_a_column_may_have_a_second_dimension_of_one(adds: InferenceServerClient) -> None:
    for binary in (True, False):
        result = adds.infer("tiny", numbers(binary, a=[[1], [2]], b=[[3], [4]]))
        assert result.as_numpy("score").tolist() == [1004.0, 1006.0]


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_compressed_requests_are_read(adds: InferenceServerClient, packing: str) -> None:
    for binary in (True, False):
        inputs = numbers(binary, a=[1] * 500, b=[2] * 500)
        result = adds.infer(
            "tiny", inputs, request_compression_algorithm=packing, response_compression_algorithm=packing
        )
        assert result.as_numpy("score").tolist() == [1003.0] * 500


def test_a_version_is_answered_while_it_is_loaded(adds: InferenceServerClient) -> None:
    assert adds.infer("tiny", numbers(a=[1], b=[2]), model_version="1").get_response()["model_version"] == "1"
    with pytest.raises(InferenceServerException, match=r"\[404\] version '7' of tiny is not loaded; there is 1"):
        adds.infer("tiny", numbers(a=[1], b=[2]), model_version="7")
    with pytest.raises(InferenceServerException, match=r"\[404\] version '7'"):
        adds.get_model_metadata("tiny", "7")


def test_several_requests_are_answered_at_once(adding: Client) -> None:
    with InferenceServerClient(adding.url.removeprefix("http://"), concurrency=8) as client:
        asked = [client.async_infer("tiny", numbers(a=[number], b=[0])) for number in range(40)]
        assert [each.get_result().as_numpy("score").item() for each in asked] == [1000.0 + n for n in range(40)]


@pytest.mark.parametrize(
    ("inputs", "options", "words"),
    [
        (numbers(a=[1]), {}, r"\[422\] b is None"),
        (numbers(a=[1, 2], b=[1]), {}, r"\[400\] input 'b' has 1 rows, and 'a' has 2"),
        (numbers(a=[1], b=[float("inf")]), {}, r"\[400\] input 'b': value 0 is inf"),
        (numbers(a=[[1, 2]], b=[[1, 2]]), {}, r"\[400\] input 'a': shape is \[1, 2\]; send \[rows\] or \[rows, 1\]"),
        (numbers(a=[1], b=[2]), {"outputs": [InferRequestedOutput("sum")]}, r"no output 'sum'; .* answers with score"),
        (numbers(a=[1], b=[2]), {"outputs": [InferRequestedOutput("score", class_count=3)]}, "'classification' is not"),
    ],
)
def test_what_is_wrong_reaches_its_user_as_a_sentence(
    adds: InferenceServerClient, inputs: list[InferInput], options: Any, words: str
) -> None:
    with pytest.raises(InferenceServerException, match=words):
        adds.infer("tiny", inputs, **options)


def test_a_picture_goes_as_its_bytes(pets: Client) -> None:
    wanted = pets.post("/predict", [{"image": PICTURE}, {"image": PICTURE}]).json()["predictions"]
    raw = np.array([b64decode(PICTURE)] * 2, object)
    text = np.array([PICTURE.replace("\n", "")] * 2, object)
    with triton(pets) as client:
        described = client.get_model_metadata("cats_dogs")
        assert described["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
        assert {each["name"]: each["datatype"] for each in described["outputs"]} == {
            "label": "BYTES", "cat_probability": "FP64", "dog_probability": "FP64"
        }  # fmt: skip
        for values, binary in ((raw, True), (text, False)):
            result = client.infer("cats_dogs", [tensor("image", values, "BYTES", binary)])
            assert result.as_numpy("label").tolist() == [each["label"].encode() for each in wanted]
            found = result.as_numpy("dog_probability").tolist()
            assert found == pytest.approx([each["dog_probability"] for each in wanted], abs=1e-6)


def test_a_row_of_numbers_and_texts_is_answered_as_predict_answers_it(loans: Client) -> None:
    (wanted,) = loans.post("/predict", [LOAN]).json()["predictions"]
    with triton(loans) as client:
        described = client.get_model_metadata("loan_default")
        datatypes = {each["name"]: each["datatype"] for each in described["inputs"]}
        inputs = []
        for name, value in LOAN.items():
            number = datatypes[name] == "FP64"
            missing = np.nan if value is None else value
            values = np.array([missing], np.float64) if number else np.array([value], object)
            inputs.append(tensor(name, values, datatypes[name], binary=True))
        result = client.infer("loan_default", inputs)
    assert result.as_numpy("label").tolist() == [wanted["label"].encode()]
    assert result.as_numpy("default_probability").tolist() == pytest.approx([wanted["default_probability"]], abs=1e-6)
