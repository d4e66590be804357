"""A schedule in; a drift check of every workload that has a champion out.

This is a Cloud Run job, `python -m services.drift.main`, so that nothing is held in memory between checks.
"""

import argparse
import logging
import sys

from headrace import loading, tracing
from headrace.bus import runtime
from headrace.errors import Busy
from headrace.ports import Platform
from headrace.wiring import on_gcp
from services.drift.check import check

log = logging.getLogger("headrace.drift")


def main() -> int:
    """Check the workloads named, or all; exit code 1 when a check could not be made."""
    parser = argparse.ArgumentParser(prog="python -m services.drift.main", description=__doc__)
    parser.add_argument("--workload", action="append", choices=loading.names(), help="default: every workload")
    chosen = parser.parse_args().workload or loading.names()
    platform = on_gcp("mlflow_url")
    return max([_checked(workload, platform) for workload in chosen])


def _checked(workload: str, platform: Platform) -> int:
    with tracing.use(tracing.parse(None)):
        try:
            for fact in check(workload, platform):
                runtime.publish(fact, platform)
        except Busy as reason:
            log.info("%s", reason)
        except Exception:
            log.exception("the drift check of %s failed", workload)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
