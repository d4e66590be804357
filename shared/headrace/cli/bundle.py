"""`headrace bundle`: each Cloud Function as it is deployed."""

from pathlib import Path
from typing import Annotated

import typer

from headrace import bundles, topology
from headrace.cli.session import ROOT, command

KIB = 1 << 10


@command
def bundle(
    names: Annotated[list[str] | None, typer.Argument(help="The functions; all of them when left out.")] = None,
    into: Annotated[Path, typer.Option(help="A folder for NAME.zip of each.")] = Path("build/functions"),
) -> None:
    """Write the archives that Google builds functions from; the same code is always the same bytes."""
    functions = bundles.functions(topology.load(ROOT / "infra" / "topology.yaml"))
    if unknown := set(names or ()) - set(functions):
        raise bundles.BundleRefused(f"no function named {', '.join(sorted(unknown))}; there are {', '.join(functions)}")
    for name in names or functions:
        archive = bundles.write(functions[name], ROOT, into / f"{name}.zip")
        print(f"{archive}  {archive.stat().st_size / KIB:.0f} KiB")
