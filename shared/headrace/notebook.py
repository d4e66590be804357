"""The platform's addresses in; MLflow tracking into it and dataset versions as folders, for a notebook anywhere, out.

`headrace connect` prints the lines to paste.
"""

from pathlib import Path

from headrace.adapters import identity
from headrace.data import datasets
from headrace.data.checkout import checkout
from headrace.errors import Rejected
from headrace.settings import Settings
from headrace.wiring import GoogleCloud

FOLDER = "headrace-data"


class Notebook:
    """What a notebook reads of the platform."""

    def __init__(self, platform: GoogleCloud, folder: Path) -> None:
        self._platform = platform
        self._folder = folder

    def dataset(self, workload: str, version: str = "") -> Path:
        """The folder with a dataset version's files, named after it; without `version`, the champion's.

        Downloaded once, checksums verified. Raises Rejected when there is no such version.
        """
        version = version or self._champions(workload)
        folder = self._folder / workload / version
        if not folder.is_dir():
            manifest = datasets.load(self._platform.store, workload, version)
            checkout((self._platform.data, self._platform.store), manifest, folder)
        return folder

    def _champions(self, workload: str) -> str:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        client = MlflowClient(self._platform.settings.mlflow_url)
        try:
            champion = client.get_model_version_by_alias(workload, "champion")
        except MlflowException as error:
            raise Rejected(f"MLflow knows no champion of {workload} ({error}); name the dataset version") from error
        return str(champion.tags["headrace.dataset"])


def connect(url: str, project: str, storage: str = "", folder: str | Path = FOLDER) -> Notebook:
    """Let `mlflow` track into the server at `url`, proving who calls where that is https, and read `project`'s data.

    `storage` is the address of a local stack's buckets. Datasets are kept in `folder`.
    """
    import mlflow

    identity.prove(url)
    mlflow.set_tracking_uri(url)
    return Notebook(GoogleCloud(Settings(project=project, mlflow_url=url, storage_endpoint=storage)), Path(folder))
