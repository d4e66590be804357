"""What a task of a Batch job does: its variables, runnables, retries, limits and peers."""

import time
from pathlib import Path
from typing import Any

import pytest
from google.cloud import batch_v1

State = batch_v1.JobStatus.State
TaskState = batch_v1.TaskStatus.State


def test_every_task_knows_its_place(batch: Any) -> None:
    script = "echo $BATCH_TASK_INDEX/$BATCH_TASK_COUNT retry $BATCH_TASK_RETRY_ATTEMPT of $BATCH_JOB_UID"
    job = batch.finish(batch.create(batch.job(script, group={"task_count": 3})))
    assert [batch.log(job, task) for task in range(3)] == [f"{n}/3 retry 0 of {job.uid}\n" for n in range(3)]


def test_variables_of_the_runnable_win_over_the_task_s_and_those_over_the_server_s(batch: Any) -> None:
    runnable = {
        "script": {"text": "echo $SHOP $SIZE $COLOUR $NUMBER"},
        "environment": {"variables": {"COLOUR": "red", "SIZE": "runnable"}},
    }
    spec = {"environment": {"variables": {"SIZE": "task", "COLOUR": "task"}}}
    group = {"task_environments": [{"variables": {"NUMBER": "one"}}, {"variables": {"NUMBER": "two"}}], "task_count": 7}
    job = batch.finish(batch.create(batch.job(runnable, spec=spec, group=group)))
    assert job.task_groups[0].task_count == 2
    assert [batch.log(job, task) for task in range(2)] == ["corner runnable red one\n", "corner runnable red two\n"]


def test_a_task_sees_nothing_of_the_server_s_environment(batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = batch.finish(batch.create(batch.job("env")))
    names = {line.partition("=")[0] for line in batch.log(job).splitlines()}
    assert not {name for name in names if name.startswith(("PYTEST", "PYTHON", "VIRTUAL"))}


def test_a_container_runs_the_command_that_stands_for_its_image(batch: Any) -> None:
    container = {"image_uri": "trainer", "commands": ["--epochs", "2 or 3"]}
    job = batch.finish(batch.create(batch.job({"container": container})))
    assert batch.log(job) == "['--epochs', '2 or 3']\n"


def test_an_entrypoint_replaces_the_image_s_command(batch: Any) -> None:
    container = {"image_uri": "trainer", "entrypoint": "/bin/echo", "commands": ["instead"]}
    job = batch.finish(batch.create(batch.job({"container": container})))
    assert batch.log(job) == "instead\n"


def test_an_unknown_image_fails_the_task_and_names_those_there_are(batch: Any) -> None:
    job = batch.finish(batch.create(batch.job({"container": {"image_uri": "nobody/knows:1"}})))
    event = batch.task(job).status.status_events[-1]
    assert "no local command stands for image 'nobody/knows:1' (known: ghost, trainer)" in event.description
    assert event.task_execution.exit_code == 125
    assert event.description in job.status.status_events[-1].description


def test_a_command_that_is_not_there_exits_127_and_the_log_says_so(batch: Any) -> None:
    job = batch.finish(batch.create(batch.job({"container": {"image_uri": "ghost"}})))
    assert batch.task(job).status.status_events[-1].task_execution.exit_code == 127
    assert batch.log(job).startswith("cannot run '/no/such/command': No such file or directory")


def test_a_script_with_a_shebang_chooses_its_interpreter(batch: Any) -> None:
    job = batch.finish(batch.create(batch.job("#!/usr/bin/env python3\nprint(6 * 7)")))
    assert batch.log(job) == "42\n"


def test_no_more_tasks_run_at_once_than_parallelism_allows(batch: Any) -> None:
    job = batch.job("date +%s.%N; sleep 0.2; date +%s.%N", group={"task_count": 4, "parallelism": 2})
    job = batch.finish(batch.create(job))
    spans = [tuple(map(float, batch.log(job, task).split())) for task in range(4)]
    at_once = [sum(first <= start < last for first, last in spans) for start, _ in spans]
    assert max(at_once) == 2


@pytest.mark.parametrize(
    ("script", "exit_code"), [("exit 7", 7), ("kill -SEGV $$", 139), ("/no/such/program", 127), ("kill -KILL $$", 137)]
)
def test_a_failed_task_fails_the_job_with_its_exit_code(batch: Any, script: str, exit_code: int) -> None:
    job = batch.finish(batch.create(batch.job(script)))
    event = batch.task(job).status.status_events[-1]
    assert job.status.state == State.FAILED
    assert event.task_execution.exit_code == exit_code
    assert (
        f"task with index 0 failed due to the following task event: {chr(34)}"
        in job.status.status_events[-1].description
    )
    assert job.status.status_events[-1].description.endswith(f'with exit code {exit_code}."')


def test_without_retries_a_task_runs_once(batch: Any) -> None:
    job = batch.finish(batch.create(batch.job("echo ran; exit 1")))
    assert batch.log(job, attempt=0) == "ran\n"
    assert batch.log(job, attempt=1) == ""


def test_a_task_is_retried_until_it_succeeds(batch: Any) -> None:
    job = batch.job('[ "$BATCH_TASK_RETRY_ATTEMPT" = 2 ] || exit 9', spec={"max_retry_count": 5})
    job = batch.finish(batch.create(job))
    events = batch.task(job).status.status_events
    assert job.status.state == State.SUCCEEDED
    assert [event.task_execution.exit_code for event in events if "task_execution" in event] == [9, 9]
    assert not events[-1].task_execution


@pytest.mark.parametrize(
    ("action", "exit_code", "attempts"),
    [("RETRY_TASK", 50, 3), ("RETRY_TASK", 51, 1), ("FAIL_TASK", 50, 1), ("FAIL_TASK", 51, 3)],
)
def test_a_lifecycle_policy_chooses_which_exit_codes_are_retried(
    batch: Any, action: str, exit_code: int, attempts: int
) -> None:
    policy = {"action": action, "action_condition": {"exit_codes": [50]}}
    spec = {"max_retry_count": 2, "lifecycle_policies": [policy]}
    job = batch.finish(batch.create(batch.job(f"exit {exit_code}", spec=spec)))
    events = batch.task(job).status.status_events
    assert sum(event.task_state == TaskState.RUNNING for event in events) == attempts
    assert job.status.state == State.FAILED


def test_a_task_over_its_run_duration_is_stopped_with_50005_and_runs_nothing_more(batch: Any) -> None:
    last = {"script": {"text": "echo cleanup"}, "always_run": True}
    began = time.monotonic()
    job = batch.finish(
        batch.create(batch.job("sleep 60 & wait", last, spec={"max_run_duration": {"nanos": 300_000_000}}))
    )
    event = batch.task(job).status.status_events[-1]
    assert "due to task runs over the maximum runtime with exit code 50005" in event.description
    assert event.task_execution.exit_code == 50005
    assert batch.log(job, runnable=1) == ""
    assert time.monotonic() - began < 5


def test_a_runnable_over_its_timeout_fails_and_cleanup_still_runs(batch: Any) -> None:
    slow = {"script": {"text": "sleep 60"}, "timeout": {"nanos": 200_000_000}}
    last = {"script": {"text": "echo cleanup"}, "always_run": True}
    job = batch.finish(batch.create(batch.job(slow, "echo skipped", last)))
    assert batch.task(job).status.status_events[-1].task_execution.exit_code == 50005
    assert (batch.log(job, runnable=1), batch.log(job, runnable=2)) == ("", "cleanup\n")


def test_after_a_failure_only_always_run_runnables_run(batch: Any) -> None:
    tolerated = {"script": {"text": "exit 3"}, "ignore_exit_status": True}
    last = {"script": {"text": "echo cleanup; exit 5"}, "always_run": True}
    job = batch.finish(batch.create(batch.job(tolerated, "echo reached; exit 4", "echo skipped", last)))
    assert [batch.log(job, runnable=n) for n in (1, 2, 3)] == ["reached\n", "", "cleanup\n"]
    assert batch.task(job).status.status_events[-1].task_execution.exit_code == 4


def test_a_background_runnable_ends_with_the_task_and_cannot_fail_it(batch: Any) -> None:
    service = {"script": {"text": "echo up; exec sleep 60"}, "background": True}
    job = batch.finish(batch.create(batch.job(service, "sleep 0.2")))
    assert job.status.state == State.SUCCEEDED
    assert batch.log(job) == "up\n"


def test_nobody_passes_a_barrier_before_everybody_has_reached_it(batch: Any) -> None:
    before = "sleep 0.$BATCH_TASK_INDEX; date +%s.%N"
    job = batch.job(before, {"barrier": {"name": "ready"}}, "date +%s.%N", group={"task_count": 3})
    job = batch.finish(batch.create(job))
    last_arrival = max(float(batch.log(job, task, 0)) for task in range(3))
    assert all(float(batch.log(job, task, 2)) >= last_arrival for task in range(3))


def test_a_retried_task_passes_a_barrier_that_its_peers_have_passed(batch: Any) -> None:
    flaky = '[ "$BATCH_TASK_INDEX" != 1 ] || [ "$BATCH_TASK_RETRY_ATTEMPT" != 0 ]'
    job = batch.job({"barrier": {}}, flaky, group={"task_count": 2}, spec={"max_retry_count": 1})
    assert batch.finish(batch.create(job)).status.state == State.SUCCEEDED


def test_every_node_has_an_address_and_the_hosts_file_lists_them(batch: Any) -> None:
    script = "echo $BATCH_NODE_INDEX $BATCH_NODE_COUNT $BATCH_MAIN_NODE_HOSTNAME $(cat $BATCH_HOSTS_FILE)"
    group = {"task_count": 4, "task_count_per_node": 2, "require_hosts_file": True}
    job = batch.finish(batch.create(batch.job(script, group=group)))
    assert [batch.log(job, task) for task in range(4)] == [
        f"{task // 2} 2 127.0.0.1 127.0.0.1 127.0.0.2\n" for task in range(4)
    ]


def test_a_task_that_fails_for_good_stops_its_peers(batch: Any) -> None:
    script = '[ "$BATCH_TASK_INDEX" = 1 ] && sleep 0.3 && exit 6; exec sleep 60'
    job = batch.finish(batch.create(batch.job(script, group={"task_count": 3, "parallelism": 2})))
    assert "task with index 1 failed" in job.status.status_events[-1].description
    assert dict(job.status.task_groups["group0"].counts) == {"FAILED": 2, "UNEXECUTED": 1}
    assert batch.task(job, 0).status.status_events[-1].task_execution.exit_code == 50000


def test_what_a_task_leaves_running_ends_with_it(batch: Any) -> None:
    script = """
        sleep 61.5 & echo $!
        setsid sh -c 'echo $$; exec sleep 61.5' &
        while [ $(wc -l < {log}) -lt 2 ]; do sleep 0.02; done
    """
    log = batch.state / "logs" / "leaves" / "0-0-0.log"
    job = batch.finish(batch.create(batch.job(script.format(log=log)), "leaves"))
    pids = [int(line) for line in batch.log(job).split()]
    assert len(pids) == 2
    assert all(_is_gone(pid) for pid in pids)


def test_logs_are_kept_only_when_the_job_asks_for_them(batch: Any) -> None:
    job = batch.job("echo words")
    job.logs_policy = batch_v1.LogsPolicy()
    assert batch.log(batch.finish(batch.create(job))) == ""


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
