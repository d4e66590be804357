"""What an inference service logs, and what clients say of it later, as the audit bucket has it."""

import json
from typing import Any

from tests.fakes import FakeObjects

W = "loan_default"
PAID, CHARGED_OFF = "fully_paid", "charged_off"
NOON, LATER, LAST = "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000250Z", "2026-03-01T12:00:01Z"


def answered(request: str, *instances: dict[str, Any], workload: str = W, version: int = 1) -> dict[str, Any]:
    about = {"time": NOON, "request_id": request, "workload": workload, "version": version}
    return {**about, "instances": list(instances)}


def labelled(request: str, label: str, index: int = 0, workload: str = W, time: str = NOON) -> dict[str, Any]:
    return {"time": time, "request_id": request, "workload": workload, "index": index, "label": label}


def put(audit: FakeObjects, name: str, *lines: dict[str, Any]) -> None:
    audit.write(name, b"".join(json.dumps(line).encode() + b"\n" for line in lines))
