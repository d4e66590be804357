"""Networks that train on the platform: preempted, on several nodes, and with a peer lost."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from mlflow import MlflowClient

from headrace import catalogue
from headrace.bus import runtime
from headrace.data import datasets, downloads
from headrace.data.folder_dataset import FolderDataset
from headrace.errors import NotFound
from headrace.events import RetrainRequested
from headrace.ports import Version
from headrace.training import failures, stages
from headrace.training.folder_run import FolderRun
from headrace.training.jobs import Training, job_id, training_job
from localcloud.batch.preemption import preempt
from localcloud.stack.programs import PROJECT, REGION
from tests.flow.loop import Loop
from tests.flow.waiting import eventually
from workloads.synth_tabular import generator

WORKLOAD = "synth_tabular"
ROWS = 12_000
SAME = 1e-6
PATIENCE = 300.0
CLOSE = 0.02
"""Gradients are summed in another order, and differences grow from step to step."""


@pytest.fixture(scope="module")
def dataset(shared: Loop, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A dataset version large enough to be in the middle of; its first trainings are left to go on."""
    path = tmp_path_factory.mktemp("tabular") / "rows.csv"
    generator.write_table(path, ROWS, seed=1)
    stat = shared.platform.data.upload(f"{WORKLOAD}/{path.name}", path)
    version = datasets.version_of([datasets.as_file(shared.platform.data.bucket, stat, path.name)])
    eventually(lambda: shared.jobs(version), "jobs of the dataset version")
    return version


def ask(loop: Loop, dataset: str, request: str, candidate: str) -> str:
    """Ask for one candidate anew; returns the training's id."""
    fact = RetrainRequested(
        workload=WORKLOAD, request=request, dataset=dataset, actor="a test", candidates=(candidate,)
    )
    runtime.publish(fact, loop.platform)
    return job_id(WORKLOAD, dataset, candidate, request)


def version_of(loop: Loop, training: str) -> Version:
    """The one version that a training ends with."""
    outcome = eventually(lambda: failures.outcome(loop.platform.store, training), f"the end of {training}", PATIENCE)
    assert outcome["outcome"] == "registered", outcome
    found = [each for each in loop.platform.registry.versions(WORKLOAD) if each.tags["headrace.job"] == training]
    assert [each.number for each in found] == [int(outcome["detail"])]
    return found[0]


def curves(loop: Loop, version: Version) -> dict[str, list[tuple[int, float]]]:
    """The losses of the version's run, one point an epoch; there is no other run of the same training."""
    client = MlflowClient(tracking_uri=loop.platform.settings.mlflow_url)
    run = client.get_run(version.run_id)
    same = f"tags.`headrace.job` = '{version.tags['headrace.job']}'"
    assert len(client.search_runs([run.info.experiment_id], same)) == 1
    found = {}
    for name in ("loss", "validation_loss"):
        points = sorted((point.step, point.value) for point in client.get_metric_history(version.run_id, name))
        assert [step for step, _ in points] == list(range(1, len(points) + 1))
        found[name] = points
    return found


def scores(loop: Loop, version: Version) -> Mapping[str, float]:
    """What the version's run says of the test split."""
    metrics = MlflowClient(tracking_uri=loop.platform.settings.mlflow_url).get_run(version.run_id).data.metrics
    return {name: metrics[name] for name in ("accuracy", "macro_f1")}


def assert_alike(loop: Loop, one: Version, other: Version, tolerance: float) -> None:
    assert scores(loop, one) == pytest.approx(scores(loop, other), abs=tolerance)
    left, right = curves(loop, one), curves(loop, other)
    for name, points in left.items():
        assert [value for _, value in points] == pytest.approx([value for _, value in right[name]], abs=tolerance)


def in_the_middle(loop: Loop, training: str, after: float) -> float:
    """Wait until a training has gone beyond the share `after`; returns how far it is."""

    def share() -> float:
        with suppress(NotFound):
            told = json.loads(loop.platform.store.read(f"jobs/{training}/progress.json"))
            return float(told["share"]) if told["share"] > after and "epoch" in told["words"] else 0.0
        return 0.0

    return float(eventually(share, f"{training} beyond {after:.0%}"))


def taken_away(loop: Loop, job: str, task: int | None = None) -> None:
    """Preempt a job, as soon as it runs."""
    name = f"projects/{PROJECT}/locations/{REGION}/jobs/{job}"
    until = time.monotonic() + 60
    while True:
        try:
            preempt(loop.platform.settings.batch_endpoint, name, task)
            return
        except Exception:
            assert time.monotonic() < until, f"{job} never ran"
            time.sleep(0.05)


def test_a_training_that_is_preempted_three_times_ends_as_an_undisturbed_one(shared: Loop, dataset: str) -> None:
    disturbed, quiet = ask(shared, dataset, "disturbed", "mlp"), ask(shared, dataset, "quiet", "mlp")
    share = 0.2
    for _ in range(3):
        share = in_the_middle(shared, disturbed, share)
        taken_away(shared, disturbed)
    assert_alike(shared, version_of(shared, disturbed), version_of(shared, quiet), SAME)
    jobs = {job.id: job.labels["attempt"] for job in shared.jobs(dataset) if job.labels["training"] == disturbed}
    assert jobs == {disturbed: "1", f"{disturbed}-2": "2"}


@pytest.mark.slow
def test_two_nodes_draw_the_curve_of_one_with_the_doubled_batch(shared: Loop, dataset: str, tmp_path: Path) -> None:
    two = ask(shared, dataset, "two", "mlp_two_nodes")
    params = dict(catalogue.describe(WORKLOAD).candidates["mlp_two_nodes"])
    manifest, alone = datasets.load(shared.platform.store, WORKLOAD, dataset), FolderRun(tmp_path / "alone")
    downloads.fetch([shared.platform.data], manifest.files, tmp_path / "dataset")
    stages.prepare(WORKLOAD, FolderDataset(tmp_path / "dataset"), tmp_path / "split")
    stages.fit(WORKLOAD, {**params, "batch_size": 2 * params["batch_size"]}, tmp_path / "split", alone)
    drawn = curves(shared, version_of(shared, two))["loss"]
    assert [value for _, value in drawn] == pytest.approx([point["loss"] for point in alone.curves], rel=CLOSE)


@pytest.mark.slow
def test_a_lost_peer_costs_a_job_and_the_next_goes_on_from_the_checkpoint(shared: Loop, dataset: str) -> None:
    disturbed, quiet = (ask(shared, dataset, each, "mlp_two_nodes") for each in ("lost", "kept"))
    in_the_middle(shared, disturbed, 0.4)
    taken_away(shared, disturbed, task=1)
    assert_alike(shared, version_of(shared, disturbed), version_of(shared, quiet), CLOSE)
    jobs = [job.id for job in shared.jobs(dataset) if job.labels["training"] == disturbed]
    assert sorted(jobs) == [disturbed, f"{disturbed}-2"]


@pytest.mark.slow
def test_four_nodes_train_one_model(shared: Loop, dataset: str) -> None:
    description = catalogue.describe(WORKLOAD)
    resources = description.resources_of("mlp_two_nodes").model_copy(update={"nodes": 4})
    four = description.model_copy(update={"own_resources": {"mlp_two_nodes": resources}})
    training = Training.of(WORKLOAD, dataset, "mlp_two_nodes", "four")
    shared.platform.jobs.submit(training_job(four, training))
    version_of(shared, training.id)
