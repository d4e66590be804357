"""A schedule in; the result of every workload's query as a new upload, where it is a new one, out.

This is a Cloud Run job: `python -m services.pull.main`. A workload that says no `pull:` has nothing pulled.
"""

import argparse
import logging
import sys

from headrace import catalogue, loading, settings, sql, tracing
from headrace.catalogue import Description, Pull
from headrace.ports import Platform
from headrace.sql.query import is_ordered
from headrace.wiring import on_gcp

log = logging.getLogger("headrace.pull")


def main() -> int:
    """Pull for the workloads named, or all that have a query; exit code 1 when one could not be pulled."""
    parser = argparse.ArgumentParser(prog="python -m services.pull.main", description=__doc__)
    parser.add_argument("--workload", action="append", choices=loading.names(), help="default: every workload")
    chosen = parser.parse_args().workload or loading.names()
    return pull(list(map(catalogue.describe, chosen)), on_gcp())


def pull(workloads: list[Description], platform: Platform) -> int:
    """0 when every query of `workloads` was pulled; what fails for one stops no other."""
    asked = [(each, each.pull) for each in workloads if each.pull]
    return max([_pulled(workload, what, platform) for workload, what in asked], default=0)


def _pulled(workload: Description, what: Pull, platform: Platform) -> int:
    if not is_ordered(what.query):
        log.warning("the query of %s has no ORDER BY: each pull may be another dataset version", workload.name)
    with tracing.use(tracing.parse(None)):
        try:
            found = sql.pull(platform, workload, what, settings.sql_credentials())
        except Exception:
            log.exception("the query of %s could not be pulled", workload.name)
            return 1
    uploaded = f"uploaded to {found.uri}" if found.new else "uploaded before"
    log.info("%s: %d rows are dataset version %s, %s", workload.name, found.rows, found.dataset, uploaded)
    return 0


if __name__ == "__main__":
    sys.exit(main())
