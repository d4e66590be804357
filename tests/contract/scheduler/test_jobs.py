"""Jobs of cloudscheduler v1: made, read, changed, paused and removed."""

from typing import Any

import pytest

NAME = "projects/local-proj/locations/us-central1/jobs/drift"


def test_a_job_is_kept_with_the_service_s_defaults(scheduler: Any) -> None:
    token = {"oidcToken": {"serviceAccountEmail": "clock@local-proj.iam.gserviceaccount.com"}}
    created = scheduler.create("drift", "http://127.0.0.1:1/", "*/5 * * * *", httpTarget=token)
    assert scheduler.get("drift") == created
    assert (created["name"], created["state"], created["timeZone"]) == (NAME, "ENABLED", "Etc/UTC")
    assert created["attemptDeadline"] == "180s"
    assert created["retryConfig"]["minBackoffDuration"] == "5s"
    assert created["httpTarget"] == {"uri": "http://127.0.0.1:1/", "httpMethod": "POST", **token}
    assert created["scheduleTime"].endswith(":00Z")
    assert int(created["scheduleTime"][14:16]) % 5 == 0


def test_a_schedule_is_read_in_its_time_zone(scheduler: Any) -> None:
    created = scheduler.create("daily", "http://127.0.0.1:1/", "30 9 * * *", timeZone="Asia/Kolkata")
    assert created["scheduleTime"].endswith("T04:00:00Z")


def test_a_name_is_used_once_and_free_after_deletion(scheduler: Any) -> None:
    scheduler.create("drift", "http://127.0.0.1:1/")
    body = {"name": NAME, "schedule": "* * * * *", "httpTarget": {"uri": "http://127.0.0.1:1/"}}
    assert scheduler.call("POST", "jobs", body)[0] == 409
    assert scheduler.call("DELETE", "jobs/drift") == (200, {})
    assert scheduler.call("GET", "jobs/drift")[0] == 404
    assert scheduler.call("POST", "jobs", body)[0] == 200


def test_jobs_are_listed_by_page(scheduler: Any) -> None:
    for job in ("a", "b", "c"):
        scheduler.create(job, "http://127.0.0.1:1/")
    first = scheduler.call("GET", "jobs?pageSize=2")[1]
    second = scheduler.call("GET", f"jobs?pageSize=2&pageToken={first['nextPageToken']}")[1]
    assert [job["name"][-1] for job in first["jobs"] + second["jobs"]] == ["a", "b", "c"]
    assert "nextPageToken" not in second


def test_a_patch_changes_what_its_mask_names(scheduler: Any) -> None:
    scheduler.create("drift", "http://127.0.0.1:1/", description="old", retryConfig={"retryCount": 2})
    body = {"schedule": "0 * * * *", "description": "ignored", "httpTarget": {"uri": "http://127.0.0.1:2/"}}
    status, job = scheduler.call("PATCH", "jobs/drift?updateMask=schedule,http_target.uri", body)
    assert status == 200
    assert (job["schedule"], job["description"]) == ("0 * * * *", "old")
    assert job["httpTarget"] == {"uri": "http://127.0.0.1:2/", "httpMethod": "POST"}
    assert job["retryConfig"]["retryCount"] == 2
    assert job["scheduleTime"].endswith(":00:00Z")


def test_only_an_enabled_job_is_paused_and_only_a_paused_one_resumed(scheduler: Any) -> None:
    scheduler.create("drift", "http://127.0.0.1:1/")
    assert scheduler.call("POST", "jobs/drift:resume")[0] == 400
    assert scheduler.call("POST", "jobs/drift:pause")[1]["state"] == "PAUSED"
    status, answer = scheduler.call("POST", "jobs/drift:pause")
    assert (status, answer["error"]["status"]) == (400, "FAILED_PRECONDITION")
    assert scheduler.call("POST", "jobs/drift:resume")[1]["state"] == "ENABLED"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schedule": "every 5 minutes"}, "is not 'minute hour day month weekday'"),
        ({"schedule": "61 * * * *"}, "schedule '61 * * * *'"),
        ({"timeZone": "Mars/Olympus"}, "timeZone 'Mars/Olympus'"),
        ({"attemptDeadline": "10s"}, "give 15 s to 30 min"),
        ({"retryConfig": {"retryCount": 6}}, "give at most 5"),
        ({"retryConfig": {"minBackoffDuration": 5}}, "is not a duration"),
        ({"retryConfig": {"retries": 1}}, "retryConfig has no field 'retries'"),
        ({"httpTarget": {"uri": "ftp://host/"}}, "does not begin with http://"),
        ({"httpTarget": {"uri": "http://host/", "body": "not base64"}}, "body is not base64"),
        ({"shedule": "* * * * *"}, "job has no field 'shedule'"),
    ],
)
def test_a_wrong_job_is_refused_with_a_sentence(scheduler: Any, change: dict[str, Any], said: str) -> None:
    body = {"name": NAME, "schedule": "* * * * *", "httpTarget": {"uri": "http://127.0.0.1:1/"}, **change}
    status, answer = scheduler.call("POST", "jobs", body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert said in answer["error"]["message"]


def test_other_targets_and_methods_are_refused_by_name(scheduler: Any) -> None:
    status, answer = scheduler.call("POST", "jobs", {"schedule": "* * * * *", "pubsubTarget": {}})
    assert (status, answer["error"]["message"]) == (501, "localcloud does not implement pubsubTarget; use httpTarget")
    assert scheduler.call("POST", "cmekConfig")[1]["error"]["status"] == "UNIMPLEMENTED"
