"""A check's window and its version's reference in; a page for people in the bucket, and its address, out."""

import json
import logging
import subprocess
from pathlib import Path

from headrace import catalogue
from headrace.drift.profiling import SAMPLE, without
from headrace.errors import Unavailable
from headrace.ports import Platform
from headrace.workload import Arrays
from services.drift import page
from services.drift.window import Seen

log = logging.getLogger("headrace.drift")


def publish(platform: Platform, workload: str, check: str, seen: Seen, export: Path) -> str | None:
    """Draw the page and put it into the bucket; None when that fails, for no check depends on it."""
    try:
        page.draw(_reference(workload, export), seen.sample.columns, export)
        for name in page.PAGES:
            platform.store.upload(f"reports/{workload}/{check}/{name}", export / name)
    except (subprocess.SubprocessError, OSError, Unavailable) as error:
        log.warning("the report of the drift check %s of %s could not be made: %s", check, workload, error)
        return None
    return platform.store.uri(f"reports/{workload}/{check}/{page.PAGES[0]}")


def _reference(workload: str, export: Path) -> Arrays:
    columns = json.loads((export / SAMPLE).read_text())["columns"]
    listed = {name: page.as_array(values) for name, values in columns.items()}
    return without(listed, catalogue.describe(workload).drift.ignore)
