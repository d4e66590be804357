"""What a page speaks of in; the address where more is said of it, in MLflow or on another page, out."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from headrace.settings import Settings


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as the browser of whoever looks knows them."""

    where: Settings

    def version(self, workload: str, number: int) -> str:
        """A model version, in MLflow."""
        return f"{self.where.mlflow_url}/#/models/{quote(workload)}/versions/{number}"

    def run(self, experiment: str, run: str) -> str:
        """A training's run, in MLflow."""
        return f"{self.where.mlflow_url}/#/experiments/{quote(experiment)}/runs/{quote(run)}"

    def dataset(self, workload: str, dataset: str) -> str:
        """A dataset version, on the page Data."""
        return f"/data?{urlencode({'workload': workload, 'dataset': dataset})}"

    def drift(self, workload: str) -> str:
        """A workload's drift checks and their reports, on the page Drift."""
        return f"/drift?{urlencode({'workload': workload})}"
