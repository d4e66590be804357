"""A Cloud Run job's name in; one execution of it started out."""

from collections.abc import Sequence

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.run_v2 import JobsClient, RunJobRequest
from requests import RequestException

from headrace.errors import NotFound, Unavailable
from headrace.settings import Settings


class CloudRun:
    """The jobs of one project and region."""

    def __init__(self, where: Settings) -> None:
        self._parent = f"projects/{where.project}/locations/{where.region}"
        self._client = _client(where.run_endpoint)

    def run(self, job: str, arguments: Sequence[str] = (), tasks: int = 1) -> None:
        """Start the job and return without waiting for its end. Raises NotFound, or Unavailable."""
        request = RunJobRequest(name=f"{self._parent}/jobs/{job}", overrides=_overrides(arguments, tasks))
        try:
            self._client.run_job(request)
        except exceptions.NotFound as error:
            raise NotFound(f"there is no Cloud Run job {job} in {self._parent}") from error
        except (exceptions.GoogleAPIError, RequestException) as error:
            raise Unavailable(f"Cloud Run did not start {job}: {error}") from error


def _overrides(arguments: Sequence[str], tasks: int) -> RunJobRequest.Overrides | None:
    """What this run has of its own. None where that is nothing: overrides take another right than running does."""
    if not arguments and tasks == 1:
        return None
    container = RunJobRequest.Overrides.ContainerOverride(args=arguments)
    return RunJobRequest.Overrides(container_overrides=[container], task_count=tasks)


def _client(endpoint: str) -> JobsClient:
    if not endpoint:
        return JobsClient(transport="rest")
    options = {"api_endpoint": endpoint}
    return JobsClient(transport="rest", credentials=AnonymousCredentials(), client_options=options)
