"""Settings in; the platform on Google Cloud, or on what answers its endpoints, out. Clients are made on first use."""

from functools import cached_property

from headrace import logs, settings
from headrace.ports import Bus, Clock, Jobs, Logs, Objects, People, Registry, Runs, Tokens
from headrace.settings import Settings


class GoogleCloud:
    """The platform's ports on Google's clients and MLflow.

    With `patience` what is read is waited for so many seconds, for there is somebody who waits.
    """

    def __init__(self, where: Settings, registry_retries: int = 3, patience: float = 0.0) -> None:
        self.settings = where
        self.component = where.component
        self._registry_retries, self._patience = registry_retries, patience

    @cached_property
    def bus(self) -> Bus:
        """Pub/Sub."""
        from headrace.adapters.pubsub import PubSub

        return PubSub(self.settings.project, self.settings.pubsub_endpoint)

    @cached_property
    def data(self) -> Objects:
        """The bucket that users drop data into."""
        return self._bucket("data")

    @cached_property
    def store(self) -> Objects:
        """The bucket of the platform's own state."""
        return self._bucket("store")

    @cached_property
    def audit(self) -> Objects:
        """The bucket that every topic flows into."""
        return self._bucket("audit")

    @cached_property
    def jobs(self) -> Jobs:
        """Batch."""
        from headrace.adapters.batch import Batch

        return Batch(self.settings, self._patience)

    @cached_property
    def runs(self) -> Runs:
        """Cloud Run's jobs."""
        from headrace.adapters.run import CloudRun

        return CloudRun(self.settings)

    @cached_property
    def logs(self) -> Logs:
        """Cloud Logging."""
        from headrace.adapters.joblogs import CloudLogging

        return CloudLogging(self.settings.project, self.settings.logging_endpoint)

    @cached_property
    def registry(self) -> Registry:
        """MLflow's registry."""
        from headrace.adapters.mlflow import MlflowRegistry

        return MlflowRegistry(self.settings.mlflow_url, self._registry_retries, self._patience)

    @cached_property
    def people(self) -> People:
        """The log, and the Slack-compatible webhook if there is one."""
        from headrace.adapters.slack import Slack

        return Slack(self.settings.notify_url)

    @cached_property
    def tokens(self) -> Tokens:
        """Google's identity tokens."""
        from headrace.adapters.tokens import GoogleTokens

        return GoogleTokens()

    @cached_property
    def assertions(self) -> Tokens:
        """What Identity-Aware Proxy says of people."""
        from headrace.adapters.tokens import IAP_KEYS, GoogleTokens

        return GoogleTokens(IAP_KEYS, "ES256")

    @cached_property
    def clock(self) -> Clock:
        """The system's clock."""
        from headrace.adapters.clock import SystemClock

        return SystemClock()

    def _bucket(self, purpose: str) -> Objects:
        from headrace.adapters.storage import Bucket

        where = self.settings
        return Bucket(where.bucket(purpose), where.project, where.storage_endpoint, self._patience)


_platform: dict[tuple[str, ...], GoogleCloud] = {}


def on_gcp(*needs: str, registry_retries: int = 3, patience: float = 0.0) -> GoogleCloud:
    """This process's platform; `needs` are the settings without which the component cannot work.

    What an event calls asks the registry a few times and leaves the rest to redelivery; a job has only itself.
    """
    if needs not in _platform:
        where = settings.load(*needs)
        logs.configure(where.project)
        _platform[needs] = GoogleCloud(where, registry_retries, patience)
    return _platform[needs]
