"""Executions of Cloud Run jobs: tasks, variables, overrides, retries, timeouts, cancellation and crashes."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import run_v2

State = run_v2.Condition.State
Status = run_v2.ExecutionReference.CompletionStatus
Reason = run_v2.Condition.ExecutionReason


def test_the_operation_of_a_run_ends_with_the_execution(cloud_run: Any, completed: Any) -> None:
    job = cloud_run.job("sleep 0.1", task_count=2)
    operation = cloud_run.jobs.run_job(name=job.name)
    started, execution = operation.metadata, operation.result(timeout=20)
    assert execution.name == started.name
    assert execution.name.startswith(f"{job.name}/executions/{execution.job}-")
    assert (execution.succeeded_count, execution.failed_count, execution.running_count) == (2, 0, 0)
    assert completed(execution).state == State.CONDITION_SUCCEEDED
    assert execution.create_time <= execution.start_time < execution.completion_time
    latest = cloud_run.jobs.get_job(name=job.name)
    assert latest.execution_count == 1
    assert latest.latest_created_execution.completion_status == Status.EXECUTION_SUCCEEDED


def test_every_task_knows_its_place(cloud_run: Any) -> None:
    script = "echo $CLOUD_RUN_JOB $CLOUD_RUN_EXECUTION $CLOUD_RUN_TASK_INDEX/$CLOUD_RUN_TASK_COUNT $SHOP $COLOUR"
    execution = cloud_run.finish(cloud_run.run(cloud_run.job(script, env={"COLOUR": "red"}, task_count=2)))
    short = execution.name.rpartition("/")[2]
    assert [cloud_run.log(execution, task) for task in range(2)] == [
        f"{execution.job} {short} {task}/2 corner red\n" for task in range(2)
    ]


def test_a_run_overrides_arguments_variables_count_and_timeout(cloud_run: Any) -> None:
    job = cloud_run.job("echo job $COLOUR $SIZE", env={"COLOUR": "red", "SIZE": "small"})
    override = {"args": ["echo run $COLOUR $SIZE"], "env": [{"name": "COLOUR", "value": "blue"}]}
    run = cloud_run.run(job, container_overrides=[override], task_count=2, timeout={"seconds": 30})
    execution = cloud_run.finish(run)
    assert (execution.task_count, execution.template.timeout.total_seconds()) == (2, 30)
    assert cloud_run.log(execution, 1) == "run blue small\n"
    assert cloud_run.log(cloud_run.finish(cloud_run.run(job))) == "job red small\n"


def test_a_plain_post_runs_a_job(cloud_run: Any, post: Any, eventually: Any) -> None:
    job = cloud_run.job("echo posted $COLOUR")
    body = b'{"overrides": {"containerOverrides": [{"env": [{"name": "COLOUR", "value": "green"}]}]}}'
    assert post(f"{cloud_run.url}/v2/{job.name}:run", body) == 200
    (execution,) = cloud_run.executions.list_executions(parent=job.name)
    assert cloud_run.log(cloud_run.finish(execution)) == "posted green\n"
    assert post(f"{cloud_run.url}/v2/{job.name}:run", b"") == 200
    assert len(list(cloud_run.executions.list_executions(parent=job.name))) == 2


def test_an_override_with_an_unknown_field_is_refused(cloud_run: Any, post: Any) -> None:
    job = cloud_run.job("true")
    with pytest.raises(OSError, match="400"):
        post(f"{cloud_run.url}/v2/{job.name}:run", b'{"overrides": {"cpu": 8}}')


def test_no_more_tasks_run_at_once_than_parallelism_allows(cloud_run: Any) -> None:
    job = cloud_run.job("date +%s.%N; sleep 0.2; date +%s.%N", task_count=4, parallelism=2)
    execution = cloud_run.finish(cloud_run.run(job))
    spans = [tuple(map(float, cloud_run.log(execution, task).split())) for task in range(4)]
    assert max(sum(first <= start < last for first, last in spans) for start, _ in spans) == 2


def test_a_task_is_retried_until_it_succeeds(cloud_run: Any) -> None:
    execution = cloud_run.finish(cloud_run.run(cloud_run.job('[ "$CLOUD_RUN_TASK_ATTEMPT" = 2 ] || exit 9')))
    (task,) = cloud_run.tasks_of(execution)
    assert (execution.succeeded_count, execution.retried_count, task.retried) == (1, 2, 2)
    assert task.last_attempt_result.exit_code == 9


def test_a_task_that_fails_for_good_fails_the_execution_but_stops_no_other(cloud_run: Any, completed: Any) -> None:
    job = cloud_run.job("[ $CLOUD_RUN_TASK_INDEX = 0 ] && exit 5; sleep 0.3; echo done", task_count=2, max_retries=0)
    execution = cloud_run.jobs.run_job(name=job.name).result(timeout=20)
    assert (execution.succeeded_count, execution.failed_count) == (1, 1)
    assert completed(execution).state == State.CONDITION_FAILED
    assert completed(execution).execution_reason == Reason.NON_ZERO_EXIT_CODE
    assert "task0 failed with message: The container exited with an error." in completed(execution).message
    assert cloud_run.log(execution, 1) == "done\n"


def test_a_task_over_its_timeout_is_stopped(cloud_run: Any) -> None:
    began = time.monotonic()
    job = cloud_run.job("sleep 60 & wait", timeout={"nanos": 300_000_000}, max_retries=0)
    (task,) = cloud_run.tasks_of(cloud_run.finish(cloud_run.run(job)))
    assert task.last_attempt_result.status.message == "The configured timeout was reached."
    assert time.monotonic() - began < 5


def test_a_cancelled_execution_stops_its_tasks(cloud_run: Any, eventually: Any, completed: Any) -> None:
    run = cloud_run.run(cloud_run.job("echo on; exec sleep 60", task_count=3, parallelism=1))
    eventually(lambda: "on" in cloud_run.log(run))
    execution = cloud_run.executions.cancel_execution(name=run.name).result(timeout=10)
    assert (execution.cancelled_count, execution.running_count) == (3, 0)
    assert completed(execution).execution_reason == Reason.CANCELLED
    with pytest.raises(exceptions.BadRequest, match="is over"):
        cloud_run.executions.cancel_execution(name=run.name)


def test_an_unknown_image_fails_the_task_and_names_those_there_are(cloud_run: Any) -> None:
    template = {"template": {"containers": [{"image": "nobody/knows:1"}], "max_retries": 0}}
    parent = "projects/local-proj/locations/us-central1"
    cloud_run.jobs.create_job(parent=parent, job=run_v2.Job(template=template), job_id="imageless").result(timeout=10)
    execution = cloud_run.finish(cloud_run.run(cloud_run.jobs.get_job(name=f"{parent}/jobs/imageless")))
    (task,) = cloud_run.tasks_of(execution)
    assert "image 'nobody/knows:1' (known: shell)" in task.last_attempt_result.status.message


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_restart_an_attempt_starts_again_and_never_twice_at_a_time(
    own_cloud_run: Any, eventually: Any, tmp_path: Path, number: int
) -> None:
    script = f"""
        echo start $CLOUD_RUN_TASK_ATTEMPT >> {tmp_path}/trace
        (setsid sh -c 'while :; do echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/daemon; sleep 0.02; done' &)
        while [ ! -e {tmp_path}/go ]; do sleep 0.02; done
    """
    run = own_cloud_run.run(own_cloud_run.job(script, max_retries=1))
    eventually(lambda: (tmp_path / "daemon").exists() and (tmp_path / "daemon").read_text())
    own_cloud_run.end(number)
    daemon = (tmp_path / "daemon").read_text().strip()
    own_cloud_run.start()
    assert not Path(f"/proc/{daemon}/cmdline").exists() or not Path(f"/proc/{daemon}/cmdline").read_bytes()
    eventually(lambda: (tmp_path / "trace").read_text() == "start 0\nstart 0\n")
    (tmp_path / "go").touch()
    execution = own_cloud_run.finish(run)
    assert (execution.succeeded_count, execution.retried_count) == (1, 0)
