"""`headrace doctor`: what is missing on this machine, and how to get it."""

import importlib.util
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.table import Table

from headrace.cli.session import HERE, State, command, console
from localcloud.stack.lock import is_held

GIB = 1 << 30
Finding = tuple[bool, str, str]


@command
def doctor(state: State = HERE) -> None:
    """Look at this machine; exit code 1 when the local loop cannot run on it."""
    table = Table("", "what", "way out")
    findings = list(_needed())
    for fine, what, way_out in findings:
        table.add_row("[green]ok[/]" if fine else "[red]missing[/]", what, "" if fine else way_out)
    for fine, what, way_out in _wanted(state):
        table.add_row("[green]ok[/]" if fine else "[yellow]absent[/]", what, "" if fine else way_out)
    console.print(table)
    if not all(fine for fine, _, _ in findings):
        raise typer.Exit(1)


def _needed() -> Iterator[Finding]:
    yield sys.version_info >= (3, 11), f"Python {platform.python_version()}", "install Python 3.11 or later"
    yield (
        sys.platform == "linux",
        f"platform {sys.platform}",
        "the local stack needs Linux; WSL 2 and containers will do",
    )
    free = shutil.disk_usage(Path.cwd()).free / GIB
    yield free > 2, f"{free:.0f} GiB of disk free", "free 2 GiB"
    for module, extra in (("mlflow", "mlflow"), ("functions_framework", "ingest"), ("onnxruntime", "inference")):
        found = importlib.util.find_spec(module) is not None
        yield found, f"{module} for the {extra} part", f'run `make .venv`, or `pip install -e ".[{extra}]"`'


def _wanted(state: Path) -> Iterator[Finding]:
    yield is_held(state), f"a local stack in {state}", "`headrace up` starts one"
    for tool, why in (
        ("terraform", "to deploy"),
        ("gcloud", "to deploy"),
        ("java", "to test against Google's emulator"),
    ):
        yield shutil.which(tool) is not None, f"{tool}, {why}", f"install {tool}; the local loop does without"
