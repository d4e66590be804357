"""The same requests to a model that MLflow serves and to the same model here."""

import json
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pandas as pd
import pytest
import uvicorn

from tests.unit.inference.running import Client, until

from .clients import Model, PyFuncModel, infer_signature, scoring_server

SPLIT = {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
ANSWERED: list[tuple[Any, str]] = [
    ({"dataframe_split": SPLIT}, "application/json"),
    ({"dataframe_split": SPLIT}, "application/json; charset=utf-8"),
    ({"dataframe_split": SPLIT | {"index": [5, 6]}}, "application/json"),
    ({"dataframe_split": {"columns": ["b", "a"], "data": [[1, 2]]}}, "application/json"),
    ({"dataframe_split": {"columns": ["a", "b"], "data": []}}, "application/json"),
    ({"dataframe_records": [{"a": 1, "b": 2}, {"b": 4, "a": 3}]}, "application/json"),
    ({"instances": [{"a": 1, "b": 2}]}, "application/json"),
    ({"instances": {"a": [1, 3], "b": [2, 4]}}, "application/json"),
    ({"inputs": [{"a": 1.0, "b": 2.0}]}, "application/json"),
    ({"inputs": {"a": [1.0, 3.0], "b": [2.0, 4.0]}}, "application/json"),
    ({"inputs": {"a": 1.0, "b": 2.0}}, "application/json"),
    ({"inputs": [{"a": 1.0, "b": 2.0}], "params": {"x": 1}}, "application/json"),
    ({"inputs": [{"a": 1.0, "b": 2.0}], "extra": 3}, "application/json"),
    (b"a,b\n1,2\n3,4\n", CSV),
    (b"a,b\r\n1,2\r\n\r\n3,4", CSV),
    (b",a,b\n0,1,2\n1,3,4\n", CSV),
    (b'"b","a"\n1.5,2e3\n', "text/csv; charset=UTF-8"),
    (b"a,b\n", CSV),
]
REFUSED: list[tuple[Any, str]] = [
    ({"dataframe_split": SPLIT, "inputs": [{"a": 1.0, "b": 2.0}]}, "application/json"),
    ({"dataframe_split": SPLIT | {"index": [0]}}, "application/json"),
    ({"dataframe_split": SPLIT | {"types": []}}, "application/json"),
    ({"dataframe_split": {"columns": ["a", "b"]}}, "application/json"),
    ({"dataframe_split": [1]}, "application/json"),
    ({"dataframe_split": {"columns": ["a"], "data": [[1]]}}, "application/json"),
    ({"dataframe_split": {"columns": ["a", "b"], "data": [["one", 2]]}}, "application/json"),
    ({"dataframe_records": []}, "application/json"),
    ({"dataframe_records": {"a": 1}}, "application/json"),
    ({"dataframe_records": [1, 2]}, "application/json"),
    ({"inputs": {"a": [1.0, 2.0], "b": [2.0]}}, "application/json"),
    ({"inputs": [{"a": "x", "b": 2.0}]}, "application/json"),
    ({"inputs": [{"a": 1.0}]}, "application/json"),
    ({"extra": 3}, "application/json"),
    ({"messages": []}, "application/json"),
    ({}, "application/json"),
    ([1, 2], "application/json"),
    (b"3", "application/json"),
    (b"{", "application/json"),
    (b"", "application/json"),
    (b'{"a": "\xff"}', "application/json"),
    (b"", CSV),
    (b"a,b\nx,1\n", CSV),
    (b"\xff", CSV),
    (b"a,b\n1,2\n", "text/csv; charset=latin-1"),
    (b"a,b\n1,2\n", "text/csv; header=present"),
    (b"zz", PARQUET),
    (b"", PARQUET),
    (b"zz", "text/plain"),
    (b"{}", "application/octet-stream"),
]


class _Adding:
    def predict(self, rows: Any, params: Any = None) -> pd.DataFrame:
        return pd.DataFrame({"score": rows["a"] + rows["b"] + 1000.0})


@pytest.fixture(scope="module")
def theirs() -> Iterator[Client]:
    """MLflow's own application, serving a model that adds a, b and 1000."""
    asked, answered = pd.DataFrame({"a": [1.0], "b": [2.0]}), pd.DataFrame({"score": [1003.0]})
    described = Model(run_id="r", artifact_path="m", signature=infer_signature(asked, answered))
    application = scoring_server.init(PyFuncModel(described, _Adding()))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(application, log_config=None))
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until(lambda: server.started)
        client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield client
        client.session.close()
        server.should_exit = True
        thread.join(10)


def _body(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.mark.parametrize(("value", "kind"), ANSWERED)
def test_what_mlflow_answers_is_answered_alike(adding: Client, theirs: Client, value: Any, kind: str) -> None:
    ours = adding.post("/invocations", _body(value), content_type=kind)
    wanted = theirs.post("/invocations", _body(value), content_type=kind)
    assert wanted.status_code == 200, wanted.text
    assert (ours.status_code, ours.json()) == (200, wanted.json())


@pytest.mark.parametrize(("value", "kind"), REFUSED)
def test_what_mlflow_refuses_is_refused_with_its_status(adding: Client, theirs: Client, value: Any, kind: str) -> None:
    ours = adding.post("/invocations", _body(value), content_type=kind)
    wanted = theirs.post("/invocations", _body(value), content_type=kind)
    assert ours.status_code == wanted.status_code
    assert ours.headers["content-type"] == wanted.headers["content-type"]
    if ours.status_code == 415:
        assert "send" in ours.text or "nothing but" in ours.text
    else:
        assert ours.json()["error_code"] in ("BAD_REQUEST", wanted.json()["error_code"])
        assert ours.json()["message"]
    assert "Traceback" not in ours.text


def test_what_else_mlflow_says_of_itself_is_said_alike(adding: Client, theirs: Client) -> None:
    for path in ("/ping", "/version"):
        ours, wanted = adding.get(path), theirs.get(path)
        assert (ours.status_code, ours.headers["content-type"]) == (200, wanted.headers["content-type"])
    assert adding.get("/ping").text == theirs.get("/ping").text
    assert adding.get("/invocations").status_code == theirs.get("/invocations").status_code == 405
