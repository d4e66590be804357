"""A schedule in; a job for each upload that waits for it, and that the champion has not scored yet, out."""

import logging

from headrace import batches, loading, tracing
from headrace.batches import ROOT, SCHEDULED
from headrace.errors import NotFound, Rejected
from headrace.ports import Platform, Stat

log = logging.getLogger("headrace.batch_inference")


def start(platform: Platform) -> int:
    """0 when all were started that can be; what fails for one stops no other."""
    waiting = [stat for workload in loading.names() for stat in platform.data.list(f"{ROOT}{workload}/{SCHEDULED}/")]
    return max([_started(platform, stat) for stat in waiting], default=0)


def _started(platform: Platform, stat: Stat) -> int:
    found = batches.upload_of(stat.name)
    if found is None:
        return 0
    upload, _ = found
    source = f"{platform.data.uri(stat.name)}#{stat.generation}"
    with tracing.use(tracing.parse(stat.metadata.get("traceparent"))):
        try:
            pinned = stat.metadata.get("version", "")
            batches.start(platform, batches.plan(platform, upload, stat.name, source, pinned))
        except NotFound:
            return 0  # deleted meanwhile
        except Rejected as reason:
            log.warning("%s is not scored: %s", source, reason, extra={"workload": upload.workload})
            return 1
        except Exception:
            log.exception("%s is not scored", source, extra={"workload": upload.workload})
            return 1
    return 0
