"""Every port of the platform in memory: typed, thread-safe, and held to the same contract suite as the adapters."""

from tests.fakes.bus import FakeBus
from tests.fakes.clock import FakeClock
from tests.fakes.crowd import together
from tests.fakes.jobs import FakeJobs
from tests.fakes.logs import FakeLogs
from tests.fakes.objects import FakeObjects
from tests.fakes.people import FakePeople
from tests.fakes.platform import FakePlatform
from tests.fakes.registry import FakeRegistry
from tests.fakes.runs import FakeRuns

__all__ = [
    "FakeBus",
    "FakeClock",
    "FakeJobs",
    "FakeLogs",
    "FakeObjects",
    "FakePeople",
    "FakePlatform",
    "FakeRegistry",
    "FakeRuns",
    "together",
]
