import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from headrace.apikeys import Key, digest
from services.inference.access.doors import Doors
from services.inference.access.guard import Guard
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from tests.unit.inference.fakes import FakePlatform
from tests.unit.inference.running import Client, serving, until


@pytest.fixture(scope="module")
def document(client: Client) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _examples(document: dict[str, Any], kind: str) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            examples = operation.get("requestBody", {}).get("content", {}).get(kind, {}).get("examples", {})
            yield from ((method, path.format(version=1), example["value"]) for example in examples.values())


def test_it_is_openapi_by_the_words_of_its_standard(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_describes_every_route_there_is(client: Client, document: dict[str, Any]) -> None:
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert described == set(client.get("/").json()["routes"])
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert all(status.isdigit() for status in operation["responses"])


@pytest.mark.parametrize(("kind", "least"), [("application/json", 50), ("text/plain", 2), ("text/csv", 5)])
def test_every_example_is_answered(client: Client, document: dict[str, Any], kind: str, least: int) -> None:
    asked = 0
    for method, path, value in _examples(document, kind):
        body = json.dumps(value) if kind == "application/json" else value
        typed = {"content-type": kind}
        answer = client.session.request(method, client.url + path, data=body.encode(), headers=typed, timeout=10)
        assert answer.status_code in (200, 202), f"{path} said {answer.text[:300]}"
        asked += 1
    assert asked >= least


def test_every_example_of_an_image_is_answered_as_a_file_too(client: Client, document: dict[str, Any]) -> None:
    names = [path.format(version=1) for path, methods in document["paths"].items() if "image/*" in _sent(methods)]
    assert len(names) == 6
    for path in names:
        (value,) = (
            value for _, at, value in _examples(document, "application/json") if at == path and "image" in value
        )
        data = b64decode(value["image"])
        raw = client.session.post(client.url + path, data=data, headers={"content-type": "image/*"}, timeout=10)
        form = client.session.post(client.url + path, files={"image": ("a.png", data)}, timeout=10)
        given = client.session.post(client.url + path, json=value, timeout=10).json()
        for answer in (raw, form):
            assert {**answer.json(), "request_id": ""} == {**given, "request_id": ""}


def test_the_example_of_an_answer_has_what_the_answer_has(client: Client, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if path.endswith("/predict"):
            operation = methods["post"]
            shown = operation["responses"]["200"]["content"]["application/json"]["examples"]["one"]["value"]
            sent = operation["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
            assert client.post(path.format(version=1), sent).json().keys() == shown.keys()


def test_the_page_runs_its_own_script_and_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def _sent(methods: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = methods.get("post", {}).get("requestBody", {}).get("content", {})
    return content


def test_where_keys_are_needed_the_document_says_so(
    platform: FakePlatform, hosted: Mapping[str, Workload], tmp_path: Path
) -> None:
    key = Key("tester", digest(b"secret"))
    doors = Doors(guard=Guard([key]))
    with serving(lambda: Inference(platform, [hosted["synth_tabular"]], tmp_path, doors=doors)) as client:
        until(lambda: client.get("/ready").ok)
        document = client.get("/openapi.json").json()
        example = hosted["synth_tabular"].description.example
        assert client.post("/predict", example).status_code == 401
        assert client.post("/predict", example, x_api_key="secret").status_code == 200
    validate(document)
    assert document["components"]["securitySchemes"]["key"]["name"] == "x-api-key"
    assert document["paths"]["/predict"]["post"]["responses"].keys() >= {"401", "429"}
    assert "security" not in document["paths"]["/health"]["get"]
