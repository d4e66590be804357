"""`headrace predict`: ask the champion."""

import json
from typing import Annotated

import typer

from headrace import catalogue
from headrace.adapters.inference import Inference
from headrace.cli.session import HERE, State, command, connect, console
from headrace.errors import Rejected


@command
def predict(
    workload: Annotated[str, typer.Argument(help="The workload whose champion answers.")],
    instance: Annotated[str, typer.Option("--json", help="One instance as JSON; without it, the example.")] = "",
    key: Annotated[str, typer.Option(help="Your key, where the service asks for one.", envvar="HEADRACE_API_KEY")] = "",
    version: Annotated[int | None, typer.Option(help="A version that is loaded beside the champion.")] = None,
    state: State = HERE,
) -> None:
    """Send one instance to the inference service and print the answer."""
    body = _parsed(instance) if instance else dict(catalogue.describe(workload).example)
    answer = Inference(connect(state).settings, key).predict(workload, body, version)
    console.print_json(data=answer.said)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Rejected(f"--json is not JSON: {error}") from None
