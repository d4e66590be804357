"""`headrace predict`: ask the champion."""

import json
from typing import Annotated

import requests
import typer

from headrace import catalogue, tracing
from headrace.cli.session import HERE, State, command, connect, console
from headrace.errors import Rejected


@command
def predict(
    workload: Annotated[str, typer.Argument(help="The workload whose champion answers.")],
    instance: Annotated[str, typer.Option("--json", help="One instance as JSON; without it, the example.")] = "",
    key: Annotated[str, typer.Option(help="Your key, where the service asks for one.", envvar="HEADRACE_API_KEY")] = "",
    state: State = HERE,
) -> None:
    """Send one instance to the inference service and print the answer."""
    where = connect(state).settings
    body = _parsed(instance) if instance else dict(catalogue.describe(workload).example)
    if not where.inference_url:
        raise Rejected("set HEADRACE_INFERENCE_URL to the address of the inference service")
    url = f"{where.inference_url}/models/{workload}/predict"
    headers = {"traceparent": tracing.current().traceparent, **({"x-api-key": key} if key else {})}
    try:
        answer = requests.post(url, json=body, timeout=30, headers=headers)
    except requests.ConnectionError:
        raise Rejected(f"nothing answers at {url}; is `headrace up` running?") from None
    console.print_json(data=answer.json())
    if not answer.ok:
        raise typer.Exit(1)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Rejected(f"--json is not JSON: {error}") from None
