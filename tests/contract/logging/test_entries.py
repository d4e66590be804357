"""The Logging server on folders as Batch and Cloud Run leave them, asked as `entries:list` is asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.ports.servers import free_port, running

P = "projects/local-headrace"
BATCH = f'logName="{P}/logs/batch_task_logs" AND labels.job_uid="job-uid" AND timestamp>="2026-03-02T00:00:00Z"'
RUN = 'resource.type="cloud_run_job" AND resource.labels.job_name="drift" AND timestamp>="2026-03-02T00:00:00Z"'
LOG_ENTRY = {
    *(
        "apphub",
        "apphubDestination",
        "apphubService",
        "errorGroups",
        "httpRequest",
        "insertId",
        "jsonPayload",
        "labels",
    ),
    *("logName", "metadata", "operation", "otel", "protoPayload", "receiveTimestamp", "resource", "severity"),
    *("sourceLocation", "spanId", "split", "textPayload", "timestamp", "trace", "traceSampled"),
}
"""The fields of a LogEntry. Source: https://logging.googleapis.com/$discovery/rest?version=v2"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def url(folders: Path) -> Iterator[str]:
    port = free_port()
    options = ["--batch", str(folders / "batch"), "--run", str(folders / "run")]
    with running(port, "localcloud", "logging", "--port", str(port), *options):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module", autouse=True)
def written(folders: Path) -> None:
    job, drift, other = folders / "batch/logs/job", folders / "run/logs/drift-ab1c2", folders / "run/logs/drift-x-ab1c2"
    for folder in (job, drift, other):
        folder.mkdir(parents=True)
    (job / "uid").write_text("job-uid")
    (job / "0-0-0.log").write_text(line("first", 1) + "a warning of a library\n\n" + line("third", 3, workload="w"))
    (job / "1-0-0.log").write_text(line("second", 2, **{"logging.googleapis.com/trace": "projects/p/traces/t"}))
    (drift / "0-0.log").write_text("import failed\n" + line("checked", 5))
    (drift / "0-1.log").write_text(line("again", 6, "ERROR"))
    (other / "0-0.log").write_text(line("another job's", 7))


def line(message: str, minute: int, severity: str = "INFO", **more: str) -> str:
    at = f"2026-03-02T08:{minute:02d}:00.000001+00:00"
    return json.dumps({"severity": severity, "message": message, "time": at, **more}) + "\n"


def ask(url: str, query: str = BATCH, **more: Any) -> requests.Response:
    body = {"resourceNames": [P], "filter": query, "orderBy": "timestamp desc", "pageSize": 10} | more
    return requests.post(f"{url}/v2/entries:list", json={k: v for k, v in body.items() if v is not None}, timeout=10)


def entries(url: str, query: str = BATCH, **more: Any) -> list[dict[str, Any]]:
    answer = ask(url, query, **more)
    assert answer.ok, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def payload(entry: dict[str, Any]) -> Any:
    return entry.get("textPayload") or entry["jsonPayload"]


def test_a_batch_jobs_lines_of_all_its_tasks_come_newest_first(url: str) -> None:
    found = entries(url)
    assert [payload(each) for each in found] == [
        {"message": "third", "workload": "w"},
        "second",
        "a warning of a library",
        "first",
    ]
    assert {each["labels"]["job_uid"] for each in found} == {"job-uid"}
    assert found[1]["trace"] == "projects/p/traces/t"


def test_a_line_without_a_time_has_that_of_the_line_before_it_or_of_the_first_that_has_one(url: str) -> None:
    first, plain = entries(url)[:1:-1]
    assert plain["timestamp"] == first["timestamp"] == "2026-03-02T08:01:00.000001Z"
    assert "severity" not in plain
    checked, failed = entries(url, RUN)[1:]
    assert (payload(failed), failed["timestamp"]) == ("import failed", checked["timestamp"])


def test_a_cloud_run_jobs_lines_are_those_of_all_its_executions_and_attempts(url: str) -> None:
    found = entries(url, RUN)
    assert [payload(each) for each in found] == ["again", "checked", "import failed"]
    assert [each["labels"]["run.googleapis.com/task_attempt"] for each in found] == ["1", "0", "0"]
    assert found[0]["severity"] == "ERROR"


def test_as_many_entries_are_answered_as_were_asked_for_and_none_before_their_time(url: str) -> None:
    assert [payload(each) for each in entries(url, pageSize=2)] == [{"message": "third", "workload": "w"}, "second"]
    later = BATCH.replace("T00:00:00Z", "T08:02:30+00:00")
    assert [payload(each) for each in entries(url, later)] == [{"message": "third", "workload": "w"}]


@pytest.mark.parametrize("query", [BATCH, RUN], ids=["batch", "run"])
def test_entries_have_the_services_own_fields_and_ids_of_their_own(url: str, query: str) -> None:
    found = entries(url, query)
    assert all(set(each) <= LOG_ENTRY for each in found)
    assert all(("textPayload" in each) != ("jsonPayload" in each) for each in found)
    assert len({each["insertId"] for each in found}) == len(found)


def test_a_log_that_grows_is_read_anew_and_of_a_very_long_one_the_end(url: str, folders: Path) -> None:
    grown = folders / "run/logs/grows-ab1c2/0-0.log"
    grown.parent.mkdir()
    grown.write_text("".join(line(f"{number} {'x' * 1000}", 8) for number in range(1000)))
    query = RUN.replace("drift", "grows")
    assert payload(entries(url, query)[0]).startswith("999 ")
    with grown.open("a") as log:
        log.write(line("one more", 9) + '{"message": "cut sho')
    assert [payload(each) for each in entries(url, query)[:2]] == ['{"message": "cut sho', "one more"]
    assert 100 < len(entries(url, query, pageSize=1000)) < 300


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"query": 'severity="ERROR"'}, "UNIMPLEMENTED", "does not implement the filter 'severity=\"ERROR\"'"),
        ({"query": 'textPayload:"x"'}, "UNIMPLEMENTED", "does not implement 'textPayload:\"x\"' in a filter"),
        ({"query": f"{BATCH} OR {RUN}"}, "UNIMPLEMENTED", "does not implement"),
        ({"query": BATCH.replace(">=", "=")}, "UNIMPLEMENTED", "timestamp"),
        ({"query": BATCH.replace("local-headrace", "another")}, "UNIMPLEMENTED", "does not implement the filter"),
        ({"query": BATCH.partition(" AND timestamp")[0]}, "UNIMPLEMENTED", "with timestamp>="),
        ({"query": BATCH.replace("00:00:00Z", "noon")}, "INVALID_ARGUMENT", "is not a time"),
        ({"orderBy": "timestamp asc"}, "UNIMPLEMENTED", "does not implement orderBy 'timestamp asc'"),
        ({"orderBy": None}, "UNIMPLEMENTED", "does not implement orderBy None"),
        ({"resourceNames": [P, "projects/other"]}, "UNIMPLEMENTED", "does not implement resourceNames"),
        ({"resourceNames": ["folders/1"]}, "UNIMPLEMENTED", "does not implement resourceNames"),
        ({"pageToken": "next"}, "UNIMPLEMENTED", "does not implement pageToken"),
        ({"pageSize": 0}, "INVALID_ARGUMENT", "pageSize is 0"),
        ({"limit": 3}, "INVALID_ARGUMENT", 'Unknown name "limit"'),
    ],
)
def test_what_it_does_not_do_is_refused_by_name(url: str, more: dict[str, Any], status: str, words: str) -> None:
    error = ask(url, **more).json()["error"]
    assert error["status"] == status
    assert words in error["message"]


def test_another_method_of_the_api_is_refused_by_its_path(url: str) -> None:
    answer = requests.post(f"{url}/v2/entries:write", json={}, timeout=10)
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        501,
        "localcloud does not implement POST /v2/entries:write",
    )


def test_a_body_that_is_no_json_object_is_refused(url: str) -> None:
    for body in (b"{", b"[]"):
        assert requests.post(f"{url}/v2/entries:list", data=body, timeout=10).status_code == 400
