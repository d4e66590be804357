"""A version judged, and what the registry and the ledger say afterwards."""

from collections.abc import Callable
from itertools import count

from headrace.events import ModelRegistered, ModelRejected
from headrace.ports import Version
from headrace.promotion import promotions
from services.evaluator.main import evaluate
from tests.fakes import FakePlatform

W = "loan_default"
Register = Callable[..., Version]


def judged(platform: FakePlatform, version: Version) -> list[ModelRejected]:
    facts = list(evaluate(ModelRegistered(workload=W, version=version.number), platform))
    return [fact for fact in facts if isinstance(fact, ModelRejected)]


def tags(platform: FakePlatform, version: Version) -> dict[str, str]:
    return dict(platform.registry.version(W, version.number).tags)


def aliases(platform: FakePlatform) -> dict[str, int]:
    return dict(platform.registry.workloads()[W])


def state(platform: FakePlatform) -> object:
    return platform.store.names(), platform.registry.versions(W), aliases(platform)


def killed(call: str, nth: int) -> Callable[[str], None]:
    """What a registry does before each call, if the process dies at the `nth` that is a `call`."""
    seen = count(1)

    def before(method: str) -> None:
        if method == call and next(seen) == nth:
            raise ConnectionError("killed")

    return before


def announced(platform: FakePlatform) -> None:
    """Let the alias have been told, as the registry's hook does."""
    list(promotions.observe(platform, W))
