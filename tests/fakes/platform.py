"""The whole platform in memory, as one component sees it."""

from headrace.settings import Settings
from headrace.wiring import GoogleCloud
from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.jobs import FakeJobs
from tests.fakes.logs import FakeLogs
from tests.fakes.objects import FakeObjects
from tests.fakes.people import FakePeople
from tests.fakes.registry import FakeRegistry
from tests.fakes.runs import FakeRuns

SETTINGS = Settings(
    project="local-headrace",
    region="local-region1",
    component="tests",
    mlflow_url="http://127.0.0.1:9",
    trainer_image="headrace/training",
    webhook_secret="a secret that both sides were told",
)


class FakePlatform:
    """Every port a fake; what a test changes in one, the component under test sees."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        self.component = settings.component
        self.clock = FakeClock()
        self.bus = FakeBus()
        self.data = FakeObjects(settings.bucket("data"), self.clock)
        self.store = FakeObjects(settings.bucket("store"), self.clock)
        self.audit = FakeObjects(settings.bucket("audit"), self.clock)
        self.jobs = FakeJobs(self.clock)
        self.runs = FakeRuns()
        self.logs = FakeLogs()
        self.registry = FakeRegistry(self.clock)
        self.people = FakePeople()

    def cloud(self) -> GoogleCloud:
        """The platform that an entry point gets, with these fakes in the place of Google's clients."""
        cloud = GoogleCloud(self.settings)
        cloud.bus, cloud.data, cloud.store, cloud.audit = self.bus, self.data, self.store, self.audit
        cloud.jobs, cloud.registry, cloud.people, cloud.clock = self.jobs, self.registry, self.people, self.clock
        cloud.runs, cloud.logs = self.runs, self.logs
        return cloud
