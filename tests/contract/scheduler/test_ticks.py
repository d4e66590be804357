"""What the Scheduler does at its ticks: the request, retries, one at a time, and no burst after a pause."""

import base64
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

EVERY_SECOND = "* * * * * *"
QUICK_RETRIES = {"retryCount": 3, "minBackoffDuration": "0.1s", "maxBackoffDuration": "0.3s", "maxDoublings": 1}


def test_a_tick_is_one_request_as_the_service_makes_it(scheduler: Any, receiver: Any, eventually: Any) -> None:
    target = {"headers": {"X-Shop": "corner", "User-Agent": "mine"}, "body": base64.b64encode(b"hello").decode()}
    scheduler.create("drift", receiver.url, EVERY_SECOND, httpTarget=target)
    call = eventually(lambda: receiver.calls)[0]
    assert (call.method, call.path, call.body) == ("POST", "/tick", b"hello")
    expected = {
        "X-Shop": "corner",
        "User-Agent": "Google-Cloud-Scheduler",
        "Content-Type": "application/octet-stream",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": "drift",
    }
    assert {name: call.headers[name] for name in expected} == expected
    tick = datetime.fromisoformat(call.headers["X-CloudScheduler-ScheduleTime"])
    assert tick.microsecond == 0
    assert 0 <= call.at - tick.timestamp() < 0.5
    assert "Authorization" not in call.headers


def test_six_fields_tick_every_second_and_get_says_so(scheduler: Any, receiver: Any, eventually: Any) -> None:
    scheduler.create("drift", receiver.url, EVERY_SECOND)
    eventually(lambda: len(receiver.calls) >= 3)
    ticks = [datetime.fromisoformat(call.headers["X-CloudScheduler-ScheduleTime"]) for call in receiver.calls[:3]]
    assert [later - earlier for earlier, later in pairwise(ticks)] == [timedelta(seconds=1)] * 2
    job = scheduler.get("drift")
    last, due = (datetime.fromisoformat(job[name]) for name in ("lastAttemptTime", "scheduleTime"))
    assert ticks[2] <= last < due
    assert "status" not in job


def test_a_forced_run_needs_no_tick(scheduler: Any, receiver: Any, eventually: Any) -> None:
    scheduler.create("drift", receiver.url, httpTarget={"httpMethod": "PUT"})
    scheduler.call("POST", "jobs/drift:pause")
    assert scheduler.call("POST", "jobs/drift:run")[0] == 200
    assert eventually(lambda: receiver.calls)[0].method == "PUT"
    eventually(lambda: "lastAttemptTime" in scheduler.get("drift"))


def test_a_failed_attempt_is_retried_with_growing_pauses(scheduler: Any, receiver: Any, eventually: Any) -> None:
    receiver.statuses = [500, 503, 404]
    scheduler.create("drift", receiver.url, retryConfig=QUICK_RETRIES)
    scheduler.call("POST", "jobs/drift:run")
    eventually(lambda: len(receiver.calls) == 4)
    pauses = [later.at - earlier.at for earlier, later in pairwise(receiver.calls)]
    assert all(floor <= pause < floor + 0.3 for floor, pause in zip([0.1, 0.2, 0.3], pauses, strict=True))
    eventually(lambda: "status" not in scheduler.get("drift"))


def test_when_the_retries_are_spent_the_status_says_why(scheduler: Any, receiver: Any, eventually: Any) -> None:
    receiver.statuses = [500, 403]
    scheduler.create("drift", receiver.url, retryConfig={**QUICK_RETRIES, "retryCount": 1})
    scheduler.call("POST", "jobs/drift:run")
    status = eventually(lambda: scheduler.get("drift").get("status", {}), lambda found: found.get("code") == 7)
    assert status["message"] == f"{receiver.url} answered 403"
    assert len(receiver.calls) == 2


def test_a_target_that_is_not_there_is_unavailable(scheduler: Any, eventually: Any) -> None:
    scheduler.create("drift", "http://127.0.0.1:1/")
    scheduler.call("POST", "jobs/drift:run")
    assert eventually(lambda: scheduler.get("drift").get("status"))["code"] == 14


@pytest.mark.slow
def test_an_attempt_over_its_deadline_is_given_up(scheduler: Any, receiver: Any, eventually: Any) -> None:
    receiver.delay = 17.0
    scheduler.create("drift", receiver.url, attemptDeadline="15s")
    scheduler.call("POST", "jobs/drift:run")
    assert eventually(lambda: scheduler.get("drift").get("status"), within=20)["code"] == 4


def test_a_job_has_one_attempt_in_flight(scheduler: Any, receiver: Any, eventually: Any) -> None:
    receiver.delay = 1.2
    scheduler.create("drift", receiver.url, EVERY_SECOND)
    eventually(lambda: receiver.calls)
    scheduler.call("POST", "jobs/drift:run")
    eventually(lambda: len(receiver.calls) >= 3)
    assert receiver.most_at_once == 1


def test_jobs_do_not_wait_for_one_another(scheduler: Any, receiver: Any, eventually: Any) -> None:
    receiver.delay = 0.5
    for job in ("one", "two"):
        scheduler.create(job, receiver.url)
        scheduler.call("POST", f"jobs/{job}:run")
    eventually(lambda: len(receiver.calls) == 2)
    assert receiver.most_at_once == 2


def test_a_paused_job_does_not_tick(scheduler: Any, receiver: Any, eventually: Any) -> None:
    scheduler.create("paused", receiver.url, EVERY_SECOND)
    scheduler.call("POST", "jobs/paused:pause")
    receiver.calls.clear()
    scheduler.create("enabled", receiver.url, EVERY_SECOND)
    eventually(lambda: len(receiver.calls) >= 2)
    assert {call.headers["X-CloudScheduler-JobName"] for call in receiver.calls} == {"enabled"}
    scheduler.call("POST", "jobs/paused:resume")
    eventually(lambda: any(call.headers["X-CloudScheduler-JobName"] == "paused" for call in receiver.calls))


def test_jobs_survive_a_kill(own_scheduler: Any, receiver: Any, eventually: Any) -> None:
    own_scheduler.create("drift", receiver.url, EVERY_SECOND)
    before = own_scheduler.get("drift")
    own_scheduler.end(signal.SIGKILL)
    receiver.calls.clear()
    own_scheduler.start()
    eventually(lambda: receiver.calls)
    assert own_scheduler.get("drift")["userUpdateTime"] == before["userUpdateTime"]


@pytest.mark.parametrize(("minutes_late", "calls"), [(30, 1), (90, 0)])
def test_a_missed_tick_is_made_up_for_once_unless_the_next_was_missed_too(
    own_scheduler: Any, receiver: Any, eventually: Any, minutes_late: int, calls: int
) -> None:
    own_scheduler.create("drift", receiver.url, _hourly(minutes_late))
    own_scheduler.end(signal.SIGKILL)
    missed = (datetime.now(UTC) - timedelta(minutes=minutes_late)).replace(second=0, microsecond=0)
    _set_due(own_scheduler, missed)
    own_scheduler.start()
    own_scheduler.create("marker", receiver.url)
    own_scheduler.call("POST", "jobs/marker:run")
    eventually(lambda: _named(receiver, "marker"))
    eventually(lambda: len(_named(receiver, "drift")) == calls)
    assert datetime.fromisoformat(own_scheduler.get("drift")["scheduleTime"]) > datetime.now(UTC)


def _hourly(minutes_late: int) -> str:
    """A schedule whose tick, `minutes_late` ago, was at a full minute of the hour."""
    return f"{(datetime.now(UTC) - timedelta(minutes=minutes_late)).minute} * * * *"


def _set_due(scheduler: Any, due: datetime) -> None:
    """Put the clock of the stopped server back."""
    sql = sqlite3.connect(scheduler.state / "scheduler.sqlite")
    sql.execute("UPDATE jobs SET body = json_set(body, '$.scheduleTime', ?)", (due.isoformat(),))
    sql.commit()
    sql.close()


def _named(receiver: Any, job: str) -> list[Any]:
    return [call for call in receiver.calls if call.headers["X-CloudScheduler-JobName"] == job]
