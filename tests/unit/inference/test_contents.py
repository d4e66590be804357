from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.workload import Arrays, Codec, Field, Instance
from services.inference.api import contents
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from services.inference.web import answers
from services.inference.web.answers import Refused

from .fakes import FakePlatform, TinyServing, tiny
from .running import Client, serving, until

PICTURE = (Field("picture", "image"), Field("zoom", "number", required=False), Field("flip", "boolean", required=False))
PAIR = (Field("before", "image"), Field("after", "image"))
TEXT = (Field("words", "text"), Field("language", "text", required=False), Field("score", "number", required=False))
ONE_TEXT = (Field("words", "text"), Field("score", "number", required=False))
ROW = (Field("a", "number"), Field("b", "text"))
DATA = b"\x89PNG\r\n\x1a\n\x00\xff not a real one"


@dataclass(frozen=True)
class Mirror:
    """Answers with what each instance held; bytes as text, one a character."""

    fields: Sequence[Field]

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        return {"features": np.zeros((len(instances), 2), np.float32)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [{"held": {name: _shown(value) for name, value in instance.items()}} for instance in instances]


@dataclass(frozen=True)
class MirrorServing(TinyServing):
    """Opens a mirror."""

    fields: Sequence[Field]

    def open(self, _: Path) -> Codec:
        return Mirror(self.fields)


@contextmanager
def mirror(folder: Path, fields: Sequence[Field]) -> Iterator[Client]:
    platform = FakePlatform(folder / "registry")
    platform.fake_registry.publish("tiny", 1)
    workload: Workload = tiny(serving=MirrorServing(fields))
    with serving(lambda: Inference(platform, [workload], folder / "cache", poll=600)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with mirror(tmp_path_factory.mktemp("pictures"), PICTURE) as client:
        yield client


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with mirror(tmp_path_factory.mktemp("texts"), ONE_TEXT) as client:
        yield client


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with mirror(tmp_path_factory.mktemp("rows"), ROW) as client:
        yield client


def _shown(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _held(answer: requests.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["held"]


def _form(client: Client, files: Any, fields: Any = None, **headers: str) -> requests.Response:
    return client.session.post(client.url + "/predict", files=files, data=fields, headers=headers, timeout=10)


def _sent(client: Client, body: bytes, kind: str, **headers: str) -> requests.Response:
    return client.post("/predict", body, content_type=kind, **headers)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/ld+json",
        "application/x-www-form-urlencoded",
        "text/json",
    ],
)
def test_json_is_read_under_each_of_its_names(rows: Client, kind: str) -> None:
    assert _held(_sent(rows, b'{"a": 1, "b": "x"}', kind)) == {"a": 1, "b": "x"}


def test_json_needs_no_name(rows: Client) -> None:
    assert _held(rows.post("/predict", {"a": 1, "b": "x"})) == {"a": 1, "b": "x"}


@pytest.mark.parametrize("name", ["picture", "file", "whatever"])
def test_a_file_in_a_form_is_the_picture_whatever_it_is_called(pictures: Client, name: str) -> None:
    assert _held(_form(pictures, {name: ("cat.png", DATA)})) == {"picture": DATA.decode("latin-1")}


def test_the_other_parts_of_a_form_are_fields_of_their_kind(pictures: Client) -> None:
    held = _held(_form(pictures, {"picture": DATA}, {"zoom": "2.5", "flip": "TRUE"}))
    assert held == {"picture": DATA.decode("latin-1"), "zoom": 2.5, "flip": True}


@pytest.mark.parametrize(
    ("said", "held"), [("", None), ("2", 2.0), ("2e400", "2e400"), ("nan", "nan"), ("1_0", "1_0"), ("two", "two")]
)
def test_a_part_that_is_no_number_stays_what_it_was_for_the_model_to_refuse(
    pictures: Client, said: str, held: object
) -> None:
    assert _held(_form(pictures, {"picture": DATA}, {"zoom": said}))["zoom"] == held


def test_several_files_are_several_instances_which_share_the_other_fields(pictures: Client) -> None:
    files = [("picture", ("1.png", b"first")), ("picture", ("2.png", b"second"))]
    found = _form(pictures, files, {"zoom": "2"}).json()["predictions"]
    assert [each["held"] for each in found] == [{"picture": "first", "zoom": 2}, {"picture": "second", "zoom": 2}]


def test_files_of_two_fields_go_by_their_names_and_in_pairs(tmp_path: Path) -> None:
    with mirror(tmp_path, PAIR) as client:
        held = _held(_form(client, {"after": ("a", b"2"), "before": ("b", b"1")}))
        odd = _form(client, [("before", ("b", b"1")), ("before", ("c", b"2")), ("after", ("d", b"3"))])
        raw = _sent(client, DATA, "image/png")
    assert held == {"before": "1", "after": "2"}
    assert (odd.status_code, "2 of before, 1 of after" in odd.json()["error"]) == (400, True)
    assert raw.status_code == 415


def test_a_picture_in_a_form_may_be_base64_text(pictures: Client) -> None:
    assert _held(_form(pictures, {"zoom": (None, "1")}, {"picture": "AAAA"})) == {"picture": "AAAA", "zoom": 1.0}


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "IMAGE/WEBP", "application/octet-stream"])
def test_a_file_may_be_the_whole_body(pictures: Client, kind: str) -> None:
    assert _held(_sent(pictures, DATA, kind)) == {"picture": DATA.decode("latin-1")}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("schön, é".encode(), "text/plain"),
        ("schön, é".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
        ("schön, é".encode("cp1252"), 'text/plain; charset="windows-1252"'),
        ("schön, é".encode("utf-16"), "text/plain; format=flowed; charset=utf-16"),
        ("schön, é".encode("utf-8-sig"), "text/plain; charset="),
    ],
)
def test_a_text_may_be_the_whole_body_in_the_charset_it_names(texts: Client, body: bytes, kind: str) -> None:
    assert _held(_sent(texts, body, kind)) == {"words": "schön, é"}


def test_a_text_may_come_as_a_file_in_a_form(texts: Client) -> None:
    assert _held(_form(texts, {"words": ("review.txt", "schön".encode())})) == {"words": "schön"}


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"sch\xf6n", "text/plain", 400, "not utf-8 (byte f6 at 3)"),
        (b"words", "text/plain; charset=idna", 415, "'idna', which is not known"),
        (b"words", "text/plain; charset=rot13", 415, "not known"),
        (b"words", "text/html", 415, "application/json, multipart/form-data, text/plain"),
        (DATA, "image/png", 415, "'image/png'; this model takes application/json"),
        (b"", "multipart/form-data", 400, "without a boundary"),
        (b"no form", "multipart/form-data; boundary=x", 400, "not a multipart form"),
        (b"--x\r\n\r\n\r\n--x", "multipart/form-data; boundary=x", 400, "not a multipart form"),
        (b"--x--", "multipart/form-data; boundary=y", 400, "not a multipart form"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_is_taken(
    texts: Client, body: bytes, kind: str, status: int, words: str
) -> None:
    answer = _sent(texts, body, kind)
    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_text_is_taken_alone_only_where_it_is_the_only_one(rows: Client, tmp_path: Path) -> None:
    with mirror(tmp_path, TEXT) as several:
        for client in (rows, several):
            answer = _sent(client, b"words", "text/plain")
            assert (answer.status_code, "text/plain'" in answer.json()["error"]) == (415, True)


def test_a_part_that_comes_twice_is_refused(pictures: Client) -> None:
    answer = _form(pictures, [("zoom", (None, "1")), ("zoom", (None, "2"))])
    assert (answer.status_code, "'zoom' twice" in answer.json()["error"]) == (400, True)


def test_a_form_of_very_many_parts_is_refused(pictures: Client) -> None:
    answer = _form(pictures, [(f"f{number}", (None, "1")) for number in range(2001)])
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("start", "hint"),
    [(b"\x1f\x8b", "gzip"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG", "image/png"), (b"--ab", "multipart")],
)
def test_a_file_sent_as_json_is_recognised(rows: Client, start: bytes, hint: str) -> None:
    assert hint in rows.post("/predict", start + b"...").json()["error"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/html, */*;q=0.1", "application/*", "image/png, */*"]
)
def test_the_answer_is_json_where_that_is_accepted(rows: Client, accept: str) -> None:
    answer = rows.post("/predict", {"a": 1, "b": "x"}, accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0, text/html", "application/xml"])
def test_what_is_not_accepted_is_not_sent(rows: Client, accept: str) -> None:
    answer = rows.post("/predict", {"a": 1, "b": "x"}, accept=accept)
    assert answer.status_code == 406
    assert "the answer is application/json" in answer.json()["error"]


FORM = (
    b'--b\r\ncontent-disposition: form-data; name="picture"; filename="%41.png"\r\ncontent-type: image/png\r\n\r\n'
    + DATA
    + b'\r\n--b\r\ncontent-disposition: form-data; name="zoom"\r\ncontent-type: text/plain; charset=utf-16\r\n\r\n2\x00'
    b"\r\n--b--\r\n"
)
KINDS = (b"multipart/form-data; boundary=b", b"image/x", b"text/plain; charset=", b"application/json", b"; ;=;", b"")


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(KINDS),
    st.binary(max_size=12),
    st.lists(st.tuples(st.integers(0, len(FORM)), st.binary(max_size=3), st.integers(0, 4)), max_size=4),
    st.sampled_from([PICTURE, PAIR, TEXT, ONE_TEXT, ROW]),
)
def test_any_bytes_under_any_name_are_read_or_refused(
    kind: bytes, more: bytes, changes: list[tuple[int, bytes, int]], fields: Sequence[Field]
) -> None:
    body = FORM
    for place, put, gone in changes:
        body = body[:place] + put + body[place + gone :]
    try:
        rows = contents.reader(kind + more if b"boundary" not in kind else kind, fields)(body)
    except Refused as refusal:
        status, sentence = refusal.status, str(refusal)
        assert 400 <= status < 500
        assert len(sentence.encode()) < 1000
    else:
        assert answers.encode(rows.instances)
