"""All of it, as one component sees it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from headrace.ports.bus import Bus
from headrace.ports.jobs import Jobs, Logs, Runs
from headrace.ports.objects import Objects
from headrace.ports.registry import Registry


class Tokens(Protocol):
    """Google's identity tokens, as far as a component checks them."""

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a token says that Google signed and that has not expired. Raises Unauthorized, or Unavailable."""


class People(Protocol):
    """Where messages to people go."""

    def tell(self, text: str, event: str) -> None:
        """Return when the message is out; `event` is the id of the fact it is about. Raises Unavailable."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC."""


class Platform(Protocol):
    """Everything above, as one component sees it. Each part is made when it is first asked for."""

    @property
    def component(self) -> str:
        """The name of the deployable."""

    @property
    def bus(self) -> Bus:
        """Where facts go."""

    @property
    def data(self) -> Objects:
        """The bucket that users drop data into."""

    @property
    def store(self) -> Objects:
        """The bucket of the platform's own state: manifests, ledgers, claims, test sets, reports."""

    @property
    def audit(self) -> Objects:
        """The bucket that every topic flows into."""

    @property
    def jobs(self) -> Jobs:
        """Batch."""

    @property
    def runs(self) -> Runs:
        """Cloud Run's jobs."""

    @property
    def logs(self) -> Logs:
        """What jobs write."""

    @property
    def registry(self) -> Registry:
        """MLflow."""

    @property
    def people(self) -> People:
        """Slack, or whatever takes its messages."""

    @property
    def clock(self) -> Clock:
        """The time."""
