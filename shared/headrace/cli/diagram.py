"""`headrace diagram`: who tells whom what."""

from typing import Annotated

import typer

from headrace import topology
from headrace.cli.session import ROOT, command
from headrace.diagram import mermaid


@command
def diagram(leave_out: Annotated[list[str] | None, typer.Option(help="Deployables to leave out.")] = None) -> None:
    """Print the topology as a Mermaid flowchart."""
    print(mermaid(topology.load(ROOT / "infra" / "topology.yaml"), frozenset(leave_out or ())))
