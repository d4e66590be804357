"""A check's window and its version's reference in; a page for people in the bucket, and its address, out."""

import json
import logging
import subprocess
from pathlib import Path

from headrace import catalogue
from headrace.drift.profiling import SAMPLE, without
from headrace.errors import Unavailable
from headrace.workload import Arrays
from services.drift import page
from services.drift.subject import Check

log = logging.getLogger("headrace.drift")


def publish(this: Check) -> str | None:
    """Draw the page and put it into the bucket; None when that fails, for no check depends on it."""
    store, workload = this.platform.store, this.version.workload
    try:
        page.draw(_reference(workload, this.export), this.seen.sample.columns, this.export)
        for name in page.PAGES:
            store.upload(f"reports/{workload}/{this.id}/{name}", this.export / name)
    except (subprocess.SubprocessError, OSError, Unavailable) as error:
        log.warning("the report of the drift check %s of %s could not be made: %s", this.id, workload, error)
        return None
    return store.link(f"reports/{workload}/{this.id}/{page.PAGES[0]}")


def _reference(workload: str, export: Path) -> Arrays:
    columns = json.loads((export / SAMPLE).read_text())["columns"]
    listed = {name: page.as_array(values) for name, values in columns.items()}
    return without(listed, catalogue.describe(workload).drift.ignore)
