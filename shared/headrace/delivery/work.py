"""One delivery: where it goes, what runs its commands, what it keeps to."""

from dataclasses import dataclass, field

from headrace.delivery.account import Account
from headrace.delivery.commands import Commands
from headrace.delivery.policy import Policy
from headrace.delivery.target import Target


@dataclass(frozen=True, slots=True)
class Delivery:
    """What every step is given. `key` lets smoke tests in where the inference service asks callers for one."""

    target: Target
    commands: Commands
    account: Account
    policy: Policy
    key: str = field(default="", repr=False)

    def gcloud(self, *words: str) -> str:
        """What gcloud answers about the project. Raises CommandFailed."""
        return self.commands.ask("gcloud", *words, f"--project={self.target.project}")

    def say(self, sentence: str) -> None:
        """Tell whoever watches."""
        self.commands.say(sentence)
