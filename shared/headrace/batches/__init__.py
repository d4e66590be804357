"""Rows to be scored in; a plan and a job that carries it out, and where its results lie, out.

Everything about a batch lies in the store under `batches/WORKLOAD/BATCH/`, which nobody watches, so that what a job
writes starts nothing: the plan, a part for every stretch of the input, what each task saw, and the manifest.
"""

from headrace.batches.asking import JOB, ROOT, SCHEDULED, ask, plan, start, upload_of
from headrace.batches.records import (
    MOST_TASKS,
    PACKED,
    TASK_BYTES,
    Asked,
    Latest,
    Manifest,
    Output,
    Plan,
    asked_name,
    folder,
    latest_name,
    load,
    manifest_name,
    read,
    rejection_name,
)

__all__ = [
    "JOB",
    "MOST_TASKS",
    "PACKED",
    "ROOT",
    "SCHEDULED",
    "TASK_BYTES",
    "Asked",
    "Latest",
    "Manifest",
    "Output",
    "Plan",
    "ask",
    "asked_name",
    "folder",
    "latest_name",
    "load",
    "manifest_name",
    "plan",
    "read",
    "rejection_name",
    "start",
    "upload_of",
]
