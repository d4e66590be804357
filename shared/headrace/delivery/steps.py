"""A step's name in; what it does out. `headrace deploy`, Cloud Build and GitHub's workflows run these alone."""

from collections.abc import Callable, Mapping, Sequence

from headrace.delivery import checks, foundation, functions, images, plans, quotas, scanning, traffic
from headrace.delivery.work import Delivery
from headrace.errors import Rejected

Step = Callable[[Delivery], None]

WAY: Mapping[str, Step] = {
    "preflight": checks.preflight,
    "bootstrap": foundation.bootstrap,
    "quotas": quotas.quotas,
    "build": images.build,
    "scan": scanning.scan,
    "push": images.push,
    "bundle": functions.bundle,
    "hold": traffic.hold,
    "plan": plans.plan,
    "apply": plans.apply,
    "stage": traffic.stage,
    "smoke": traffic.try_out,
    "shift": traffic.shift,
}
"""A whole delivery, in this order. Each may be run again, alone, after any other was killed."""

ASIDE: Mapping[str, Step] = {"preview": plans.preview, "rollback": traffic.hold}
"""What a whole delivery does without: `preview` is for pull requests, `rollback` for whoever broke one off."""

STEPS: Mapping[str, Step] = {**WAY, **ASIDE}


def chosen(steps: Sequence[str], first: str, skipped: Sequence[str]) -> tuple[str, ...]:
    """The steps to run: those named, else the whole way, from `first` on, without the skipped. Raises Rejected."""
    unknown = [name for name in (*steps, *skipped, first) if name and name not in STEPS]
    if unknown:
        raise Rejected(f"there is no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    if steps:
        return tuple(steps)
    way = list(WAY)
    if first in ASIDE:
        raise Rejected(f"{first} is not on the way: run it with --step")
    return tuple(name for name in way[way.index(first) if first else 0 :] if name not in skipped)


def run(delivery: Delivery, names: Sequence[str]) -> None:
    """Run them in turn; the first that fails ends it."""
    for number, name in enumerate(names, 1):
        delivery.say(f"── {number}/{len(names)} {name}")
        STEPS[name](delivery)
