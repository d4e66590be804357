"""Two versions of a model in; the time from moving the alias to the other one answering out."""

import time
from statistics import median

from headrace import catalogue
from headrace.cli.demo.caller import post
from headrace.wiring import GoogleCloud
from tests.bench.delivery import until

WORKLOAD, SWAPS = "loan_default", 20


def seconds(platform: GoogleCloud) -> float:
    """The median over swaps back and forth, as a client that keeps calling sees them."""
    url = f"{platform.settings.inference_url}/models/{WORKLOAD}/predict"
    example = dict(catalogue.describe(WORKLOAD).example)
    versions = [version.number for version in platform.registry.versions(WORKLOAD)][-2:]
    taken = []
    for turn in range(SWAPS):
        version = versions[turn % 2]
        platform.registry.set_alias(WORKLOAD, "champion", version)
        moved = time.monotonic()
        until(lambda: post(url, example)["version"] == version)  # noqa: B023  (called at once)
        taken.append(time.monotonic() - moved)
    return median(taken)
