"""A running stack and exported models in; Headrace's own service as a contender out, everything switched on.

The registry is a real MLflow, the prediction log goes to the local Pub/Sub, callers show a key.
"""

import hashlib
import sys
from pathlib import Path

import requests

from headrace.adapters.tracking import TrainingRun
from headrace.settings import inherited
from headrace.wiring import GoogleCloud
from localcloud.stack.stack import Stack
from services.inference.telling.prediction_log import TOPIC
from services.studio.reading import exposition
from tests.bench.serving.contender import Contender, Running
from tests.bench.serving.models import Model

NAME = "headrace"
KEY = "a-key-for-the-benchmark"


def publish(stack: Stack, platform: GoogleCloud, model: Model) -> None:
    """Register the export, and make it champion."""
    run = TrainingRun(stack.settings().mlflow_url, model.workload, f"bench-{model.workload}", {})
    version = platform.registry.register(model.workload, run.id, run.log_export(model.export), {})
    run.finish()
    platform.registry.set_alias(model.workload, "champion", version.number)


def contender(stack: Stack, model: Model, content: str, cache: Path, accept: str = "*/*") -> Contender:
    """The service as it is deployed for one workload; its image sets what is set here last."""
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    return Contender(
        name=NAME,
        command=[
            *(sys.executable, "-m", "services.inference.main", "--port", "{port}"),
            *("--only", model.workload, "--cache", str(cache)),
        ],
        path="/predict",
        body=model.body,
        headers=(f"Content-Type: {content}", f"Accept: {accept}", f"Authorization: Bearer {KEY}"),
        environment={
            **inherited(),
            **stack.plan.environment("inference"),
            "HEADRACE_API_KEYS": f"bench:{digest}",
            "MALLOC_ARENA_MAX": "2",
            "OPENBLAS_NUM_THREADS": "1",
        },
    )


def told(server: Running) -> str:
    """What the prediction log has said so far."""
    samples = exposition.parse(requests.get(f"http://127.0.0.1:{server.port}/metrics", timeout=10).text)

    def lines(counted: str, **labels: str) -> str:
        wanted = labels.items()
        found = (each.value for each in samples[f"headrace_log_{counted}"] if wanted <= each.labels.items())
        return f"{sum(found):,.0f}"

    published = lines("lines_total", topic=TOPIC, outcome="published")
    dropped = lines("lines_total", topic=TOPIC, outcome="dropped")
    bare, waiting = lines("bare_lines_total"), lines("waiting_lines", topic=TOPIC)
    return f"log: {published} lines published, {bare} of them bare; {dropped} dropped, {waiting} wait"
