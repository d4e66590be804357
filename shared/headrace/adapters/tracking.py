"""A training's run in MLflow: one run a training, however often its job is started."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run
from mlflow.exceptions import MlflowException

from headrace.adapters import identity
from headrace.adapters.curves import Curves
from headrace.data.datasets import Manifest
from headrace.workload import Native

JOB = "headrace.job"
PARENT = "mlflow.parentRunId"


class TrainingRun:
    """The run of one training, found again by its tag when the job is restarted; `about` is told of its version too."""

    def __init__(
        self, url: str, workload: str, job: str, tags: Mapping[str, str], about: Mapping[str, str] | None = None
    ) -> None:
        self.about = about or {}
        identity.prove(url)
        self._client = MlflowClient(tracking_uri=url)
        run = self._find_or_start(self._experiment(workload), job, tags)
        self.id = run.info.run_id
        self.artifacts = run.info.artifact_uri
        self._curves = Curves(self._client, self.id)

    def curve(self, step: int, values: Mapping[str, float]) -> None:
        """A point on each curve, unless an earlier attempt logged that step; sent in the background."""
        self._curves.add(step, values)

    def picture(self, name: str, png: bytes) -> None:
        """A drawing among the artifacts; sent in the background."""
        self._curves.add_picture(name, png)

    def log(self, params: Mapping[str, object], metrics: Mapping[str, float]) -> None:
        """Parameters and final metrics, replacing what an interrupted attempt logged."""
        now = int(time() * 1000)
        self._client.log_batch(
            self.id,
            metrics=[Metric(name, float(value), now, 0) for name, value in metrics.items()],
            params=[Param(name, str(value)) for name, value in params.items()],
        )

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags on the run."""
        for name, value in tags.items():
            self._client.set_tag(self.id, name, value)

    def log_dataset(self, manifest: Manifest) -> None:
        """The dataset version as the run's training input."""
        dataset = Dataset(manifest.workload, manifest.dataset, "gs", manifest.model_dump_json(include={"source"}))
        tags = [InputTag("mlflow.data.context", "training")]
        self._client.log_inputs(self.id, [DatasetInput(dataset, tags)])

    def log_figures(self, figures: Mapping[str, bytes]) -> None:
        """Drawings and tables of the scores."""
        with TemporaryDirectory(prefix="headrace-") as scratch:
            for name, content in figures.items():
                (Path(scratch) / name).write_bytes(content)
            self._client.log_artifacts(self.id, scratch, "figures")

    def log_export(self, folder: Path) -> str:
        """The exported model's files; returns where a model version finds them."""
        self._client.log_artifacts(self.id, str(folder), "export")
        return f"{self.artifacts}/export"

    def log_kept(self, folder: Path, native: Native | None) -> None:
        """What serving does without: the files in `folder`, and the model in MLflow's own flavour."""
        from headrace.adapters.flavours import save

        if native is not None:
            save(native, folder / "native")
        self._client.log_artifacts(self.id, str(folder), "kept")

    def finish(self, failed: bool = False) -> None:
        """Send what is left of the curves, and close the run."""
        self._curves.close()
        self._client.set_terminated(self.id, "FAILED" if failed else "FINISHED")

    def _experiment(self, workload: str) -> str:
        found = self._client.get_experiment_by_name(workload)
        if found:
            return str(found.experiment_id)
        try:
            return str(self._client.create_experiment(workload))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            return self._experiment(workload)

    def _find_or_start(self, experiment: str, job: str, tags: Mapping[str, str]) -> Run:
        found = self._client.search_runs([experiment], f"tags.`{JOB}` = '{job}'", max_results=1)
        if found:
            return found[0]
        return self._client.create_run(experiment, tags={JOB: job, **tags}, run_name=job)
