"""`headrace new`: a workload of one's own, copied from one that already trains, is judged and serves."""

import importlib.util
import keyword
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from headrace import loading
from headrace.cli.session import command, console
from headrace.errors import Rejected

TEMPLATE = "template"
LONGEST = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DATA = {"tabular": "rows.csv", "text": "texts.csv", "image": "pictures/"}


@command
def new(
    name: Annotated[str, typer.Argument(help="The name of the workload, such as churn or river_ice.")],
    like: Annotated[str, typer.Option(help="What its data are: tabular, image or text.")],
) -> None:
    """Copy a small workload that is complete, to be made one's own by editing two files."""
    workloads = Path(str(resources.files("workloads")))
    templates = {path.parent.name: path.parent for path in (workloads / TEMPLATE).glob("*/workload.yaml")}
    if like not in templates:
        raise Rejected(f"there is no template {like!r}; --like is one of {', '.join(sorted(templates))}")
    folder = workloads / _checked(name)
    if folder.exists():
        raise Rejected(f"there is {folder} already; choose another name")
    shutil.copytree(templates[like], folder, ignore=shutil.ignore_patterns("__pycache__"))
    console.print(_next_steps(name, folder, _DATA.get(like, "data")), highlight=False, soft_wrap=True)
    if importlib.util.find_spec("torch") is None:
        way_out = f"It trains with PyTorch, which is not installed here: {loading.installing('networks,vision')}"
        console.print(way_out, markup=False, highlight=False, soft_wrap=True)


def _checked(name: str) -> str:
    """The name, which becomes that of a Python package and part of names in the cloud."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST or keyword.iskeyword(name):
        raise Rejected(
            f"{name!r} cannot be a workload's name; use up to {LONGEST} small letters, digits and single underscores, "
            "a letter first"
        )
    return name


def _next_steps(name: str, folder: Path, data: str) -> str:
    return f"""[bold]{escape(str(folder))}[/] is yours. Edit two files:
  schema.py      the classes, and where in your data they are
  workload.yaml  what the model is for, how it is trained, what a better one must show, an example
Then, with `headrace up` started after that:
  headrace drop {name} {data}
  headrace predict {name}
What else a workload must keep to is held by: python -m pytest tests/contract/workloads -k {name}"""
