import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np
import pytest

from headrace.errors import WorkloadFailed
from headrace.workload import Arrays, Codec, Field, Instance
from services.inference.api.tensors import columns, message, outputs
from services.inference.api.tensors.message import Framing, Input
from services.inference.service import Inference
from services.inference.web.answers import Refused

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, lines, serving, until
from .trials import CHALLENGER, CHAMPION, trying

FIELDS = (Field("n", "number"), Field("t", "text"), Field("f", "image"))
MOST = 10_000


def column(datatype: str, binary: bytes | None = None, rows: int = 1, name: str = "n", **rest: Any) -> list[Any]:
    sized = {} if binary is None else {"parameters": {"binary_data_size": len(binary)}}
    tensor = Input(name, datatype, **({"shape": [rows]} | sized | rest))
    return columns.read([tensor], FIELDS, memoryview(binary or b""))[name]


def elements(*texts: bytes) -> bytes:
    return b"".join(pack("<I", len(text)) + text for text in texts)


def refused(read: Any, *given: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        read(*given, **named)
    return caught.value.status, str(caught.value)


def asked(*inputs: Any, **rest: Any) -> dict[str, Any]:
    return {"inputs": list(inputs), **rest}


def one(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "datatype": "FP64", "shape": [1], "data": [value]}


def test_binary_data_is_read_in_the_order_of_the_inputs() -> None:
    real, texts, files = pack("<2d", 1.5, float("nan")), elements(b"x", "é".encode()), elements(b"\xff\xd8", b"")
    inputs = [
        Input("n", "FP64", [2], parameters={"binary_data_size": len(real)}),
        Input("flag", "BOOL", [2, 1], data=[[True], [None]]),
        Input("t", "BYTES", [2], parameters={"binary_data_size": len(texts)}),
        Input("f", "BYTES", [2, 1], parameters={"binary_data_size": len(files)}),
    ]
    assert columns.read(inputs, FIELDS, memoryview(real + texts + files)) == {
        "n": [1.5, None], "flag": [True, None], "t": ["x", "é"], "f": [b"\xff\xd8", b""]
    }  # fmt: skip


def test_truths_in_binary_are_bytes() -> None:
    assert column("BOOL", b"\x01\x00\x02", 3) == [True, False, True]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"datatype": "FP128", "data": [1.0]}, "datatype is 'FP128'; send BYTES, BOOL"),
        ({"datatype": "FP64", "shape": [], "data": [1.0]}, r"shape is []"),
        ({"datatype": "FP64", "shape": [0], "data": []}, r"shape is [0]"),
        ({"datatype": "FP64", "shape": [-1], "data": []}, r"shape is [-1]"),
        ({"datatype": "FP64", "shape": [2, 2], "data": [1, 2, 3, 4]}, r"shape is [2, 2]"),
        ({"datatype": "FP64", "shape": [2], "data": [1.0]}, "has 1 values, and its shape 2"),
        ({"datatype": "FP64"}, "has no data"),
        ({"datatype": "FP64", "data": ["1"]}, "data[0] is a string, not FP64"),
        ({"datatype": "INT64", "data": [1.5]}, "data[0] is a number, not INT64"),
        ({"datatype": "INT64", "data": [True]}, "data[0] is true or false, not INT64"),
        ({"datatype": "BOOL", "data": [1]}, "data[0] is a number, not BOOL"),
        ({"datatype": "BYTES", "data": [[["deep"]]]}, "data[0] is a list, not BYTES"),
        ({"datatype": "FP64", "binary": b"1234"}, "has 4 bytes; 1 of FP64 take 8"),
        ({"datatype": "FP64", "parameters": {"binary_data_size": 8}}, "binary_data_size is 8, and 0 bytes are left"),
        ({"datatype": "FP64", "parameters": {"binary_data_size": -1}}, "binary_data_size is -1"),
        ({"datatype": "FP64", "parameters": {"binary_data_size": "8"}}, "binary_data_size is '8'"),
        ({"datatype": "FP32", "binary": pack("<f", float("inf"))}, "value 0 is inf; send a finite number, or NaN"),
        ({"datatype": "BYTES", "binary": b"\x01\x00"}, "its 2 bytes are not 1 elements"),
        ({"datatype": "BYTES", "binary": pack("<I", 9) + b"short"}, "its 9 bytes are not 1 elements"),
        ({"datatype": "BYTES", "binary": elements(b"a", b"b")}, "its 10 bytes are not 1 elements"),
        ({"datatype": "BYTES", "binary": elements(b"a"), "rows": 2}, "has 1 elements, and its shape 2"),
        ({"datatype": "BYTES", "binary": elements(b"\xff")}, "element 0 is not UTF-8"),
    ],
)
def test_a_tensor_that_is_none_is_refused_by_its_name(given: dict[str, Any], words: str) -> None:
    status, said = refused(column, **given)
    assert (status, said.startswith("input 'n'"), words in said) == (400, True, True), said


def test_bytes_that_belong_to_no_input_are_refused() -> None:
    tensor = Input("n", "FP64", [1], data=[1.0])
    assert refused(columns.read, [tensor], FIELDS, memoryview(b"123"))[1].startswith("3 bytes follow")
    assert refused(columns.read, [tensor, tensor], FIELDS, memoryview(b""))[1] == (
        "input 'n' is there twice; send it once"
    )


@pytest.mark.parametrize("length", [b"0", b"-1", b"99", b"1e1", b"9" * 30, "٣".encode()])
def test_a_length_that_no_json_can_have_is_refused(length: bytes) -> None:
    status, said = refused(message.split, Framing(b"", length, MOST), b'{"inputs": []}')
    assert (status, "inference-header-content-length" in said) == (400, True)


@pytest.mark.parametrize(("encoding", "pack"), [(b"gzip", gzip.compress), (b"deflate", zlib.compress)])
def test_a_compressed_body_may_not_grow_beyond_what_a_plain_one_may_have(encoding: bytes, pack: Any) -> None:
    text = json.dumps(asked(one("n", 1.0))).encode()
    framing = Framing(encoding, b"", MOST)
    assert message.split(framing, pack(text))[0].inputs[0].name == "n"
    for wrong, status in (
        (pack(text + b" " * MOST), 413),
        (pack(text)[:-4], 400),
        (pack(text) + b"x", 400),
        (text, 400),
    ):
        assert refused(message.split, framing, wrong)[0] == status
    assert refused(message.split, Framing(b"br", b"", MOST), text)[0] == 415


def test_answers_are_tensors_of_their_types() -> None:
    answers: list[dict[str, Any]] = [
        {"s": "é", "b": b"\xff", "i": 1, "f": 0.5, "t": True, "l": [1]},
        {"s": "", "b": b"", "i": None, "f": None},
    ]
    datatypes = outputs.of_answer(answers[0])
    assert datatypes == {"s": "BYTES", "b": "BYTES", "i": "INT64", "f": "FP64", "t": "BOOL", "l": "BYTES"}
    data = {name: outputs.tensor(name, datatype, answers, True)[1] for name, datatype in datatypes.items()}
    assert data["s"] == elements("é".encode(), b"")
    assert data["b"] == elements(b"\xff", b"")
    assert data["l"] == elements(b"[1]", b"")
    assert np.frombuffer(data["i"], "<i8").tolist() == [1, 0]
    assert np.isnan(np.frombuffer(data["f"], "<f8")).tolist() == [False, True]
    assert data["t"] == b"\x01\x00"
    with pytest.raises(WorkloadFailed, match="float64 where the answer to the example had INT64"):
        outputs.tensor("i", "INT64", [{"i": 0.5}], True)
    described, nothing = outputs.tensor("s", "BYTES", answers, False)
    assert (described["data"], described["shape"], nothing) == (["é", ""], [2], b"")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no inference request"),
        (b'{"inputs": [{"name": "a", "datatype": "FP64", "shape": [1], "data": [NaN]}]}', "no inference request"),
        ({}, "required field `inputs`"),
        (asked(), "inputs is empty; send tensors for a, b"),
        (asked({"name": 1, "datatype": "FP64", "shape": [1]}), "$.inputs[0].name"),
        (asked({"name": "a", "datatype": "FP64", "shape": 1}), "$.inputs[0].shape"),
        (asked({"name": "a", "datatype": "FP64", "shape": [1], "data": 1}), "$.inputs[0].data"),
        (asked(one("a", 1), outputs=[{"name": "c"}]), "no output 'c'; this model answers with score"),
    ],
)
def test_a_wrong_request_is_refused_with_a_sentence(client: Client, body: Any, words: str) -> None:
    answer = client.post("/v2/models/tiny/infer", body)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text


def test_plain_json_is_answered_and_logged_as_any_request_is(client: Client, platform: FakePlatform) -> None:
    answer = client.post("/v2/models/tiny/infer", asked(one("a", 1), one("b", 2.5), id="7"), x_request_id="mine")
    assert answer.json() == {
        "model_name": "tiny",
        "model_version": "1",
        "id": "7",
        "outputs": [{"name": "score", "datatype": "FP64", "shape": [1], "data": [1003.5]}],
    }
    until(lambda: lines(platform.fake_bus, "predictions"))
    (line,) = lines(platform.fake_bus, "predictions")
    assert (line["request_id"], line["instances"]) == ("mine", [{"a": 1, "b": 2.5}])


def test_more_rows_than_a_request_may_have_are_refused(client: Client) -> None:
    many = {"datatype": "FP64", "shape": [2001], "data": [1.0] * 2001}
    answer = client.post("/v2/models/tiny/infer", asked(many | {"name": "a"}, many | {"name": "b"}))
    assert (answer.status_code, "at most 2000" in answer.json()["error"]) == (413, True)


@pytest.mark.parametrize(
    "path",
    [
        "/v2/models/none",
        "/v2/models/none/infer",
        "/v2/models/tiny/versions",
        "/v2/models/tiny/versions/1/infer/x",
        "/v2/x",
    ],
)
def test_what_is_not_there_is_said_to_be_missing(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, bool(answer.json()["error"])) == (404, True)


def test_the_wrong_method_on_a_version_is_told_the_right_one(client: Client) -> None:
    answer = client.get("/v2/models/tiny/versions/1/infer")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_before_a_model_is_loaded_nothing_is_ready_but_the_process_lives(
    platform: FakePlatform, tmp_path: Path
) -> None:
    platform.fake_registry.down = True
    with serving(lambda: Inference(platform, [tiny()], tmp_path)) as client:
        assert client.get("/v2/health/live").json() == {"live": True}
        assert client.get("/v2").json()["name"] == "headrace"
        for path in ("/v2/health/ready", "/v2/models/tiny/ready", "/v2/models/tiny"):
            assert client.get(path).status_code == 503


def test_a_version_asked_for_by_its_number_answers_whatever_is_on_trial(platform: FakePlatform, tmp_path: Path) -> None:
    request = asked(one("a", 1), one("b", 2))
    with trying(platform, tmp_path, mode="canary", share=0.5, requests=10_000, max_latency_ratio=1000) as client:
        for number in (CHAMPION, CHALLENGER) * 10:
            said = client.post(f"/v2/models/tiny/versions/{number}/infer", request).json()
            assert said["model_version"] == str(number)
            assert said["outputs"][0]["data"] == [3 + 1000 * number]
        usual = {client.post("/v2/models/tiny/infer", request).json()["model_version"] for _ in range(30)}
        assert client.get("/v2/models/tiny").json()["versions"] == ["1", "2"]
    assert usual == {"1", "2"}


class _Drawing(TinyCodec):
    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [{"image": b"\x89PNG\xff", "score": 1} for _ in instances]


class _DrawingServing(TinyServing):
    def open(self, _: Path) -> Codec:
        return _Drawing()


def test_bytes_in_answers_are_raw_in_binary_and_base64_in_json(platform: FakePlatform, tmp_path: Path) -> None:
    with serving(lambda: Inference(platform, [tiny(serving=_DrawingServing())], tmp_path)) as client:
        until(lambda: client.get("/ready").ok)
        request = asked(one("a", 1), one("b", 2), outputs=[{"name": "image"}])
        (output,) = client.post("/v2/models/tiny/infer", request).json()["outputs"]
        assert (output["datatype"], output["data"]) == ("BYTES", ["iVBOR/8="])
        request["parameters"] = {"binary_data_output": True}
        answer = client.post("/v2/models/tiny/infer", request)
    length = int(answer.headers["inference-header-content-length"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content[length:] == elements(b"\x89PNG\xff")
    assert json.loads(answer.content[:length])["outputs"][0]["parameters"] == {"binary_data_size": 9}
