"""A trial of a search in; its run in MLflow, nested in that of the training, out."""

from collections.abc import Mapping

from mlflow import MlflowClient

from headrace.adapters.studies import State
from headrace.adapters.tracking import PARENT, TrainingRun

TRIAL, STATE = "headrace.trial", "headrace.trial.state"
STATUS: Mapping[State, str] = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}
PAGE = 1000


class TrialRun(TrainingRun):
    """The run of trial `number` with its parameters, in the experiment of the workload, under the run `parent`."""

    def __init__(
        self, url: str, workload: str, job: str, parent: str, number: int, params: Mapping[str, object]
    ) -> None:
        super().__init__(url, workload, f"{job}-trial-{number}", {PARENT: parent, TRIAL: str(number)})
        self.log(params, {})

    def end(self, state: State) -> None:
        """Send what is left of the curves, and close the run as what the study says the trial is."""
        self._curves.close()
        _close(self._client, self.id, state)


def close_left_open(url: str, parent: str, states: Mapping[int, State]) -> None:
    """Close the runs under `parent` whose worker did not live to do it, each as what `states` says of its trial."""
    client = MlflowClient(tracking_uri=url)
    experiment = client.get_run(parent).info.experiment_id
    nested = f"tags.`{PARENT}` = '{parent}' and attributes.status = 'RUNNING'"
    for run in client.search_runs([experiment], nested, max_results=PAGE):
        state = states.get(int(run.data.tags[TRIAL]), "failed")
        if state in STATUS:
            _close(client, run.info.run_id, state)


def _close(client: MlflowClient, run: str, state: State) -> None:
    client.set_tag(run, STATE, state)
    client.set_terminated(run, STATUS[state])
