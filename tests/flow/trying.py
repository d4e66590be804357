"""A rule for challengers in; a running platform whose loans are tried by it, and what it says when it is asked, out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from headrace import settings
from headrace.promotion.promotions import VERDICT
from headrace.wiring import GoogleCloud
from tests.flow.checkout import checked_out
from tests.flow.loop import EXAMPLE, WORKLOAD


@contextmanager
def trying(folder: Path, rule: str) -> Iterator[GoogleCloud]:
    """A platform whose loans are tried by the rule, and any model of which may be the first champion."""
    with checked_out(folder) as checkout:
        description = f"shared/workloads/{WORKLOAD}/workload.yaml"
        checkout.edit(description, {"\nserving:": f"\nserving:\n  challenger: {rule}", "auc: 0.60": "auc: 0.0"})
        with checkout.up():
            yield GoogleCloud(settings.load_for_command_line(checkout.state))


def post(platform: GoogleCloud, **changed: Any) -> requests.Response:
    """What a client gets who asks about the example, with some of it changed."""
    url = f"{platform.settings.inference_url}/models/{WORKLOAD}/predict"
    return requests.post(url, json={**EXAMPLE, **changed}, timeout=10)


def ask(platform: GoogleCloud, **changed: Any) -> dict[str, Any]:
    """The version and the alias that answer. Raises OSError when none does."""
    answer = post(platform, **changed)
    answer.raise_for_status()
    said = answer.json()
    return {name: said[name] for name in ("version", "alias")}


def verdict(platform: GoogleCloud, version: int) -> str | None:
    """What the evaluator has made of a version."""
    return platform.registry.version(WORKLOAD, version).tags.get(VERDICT)


def card(platform: GoogleCloud, version: int) -> str:
    """The version's model card, as MLflow has it."""
    asked = {"run_uuid": platform.registry.version(WORKLOAD, version).run_id, "path": "card/model.md"}
    answer = requests.get(f"{platform.settings.mlflow_url}/get-artifact", params=asked, timeout=60)
    answer.raise_for_status()
    return answer.text
