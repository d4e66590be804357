"""`headrace audit`: who changed which alias, when and why, for people, as JSON or CSV, and what was made of what."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from headrace import catalogue, loading
from headrace.cli.session import HERE, State, command, connect, console
from headrace.errors import Rejected
from headrace.records import lineage, trail
from headrace.records.trail import Entry


@command
def audit(
    workload: Annotated[str, typer.Argument(help="The workload; without it, all of them.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
    as_lineage: Annotated[
        bool, typer.Option("--lineage", help="OpenLineage's events instead: what each version was made of; one a line.")
    ] = False,
    state: State = HERE,
) -> None:
    """Show who changed which alias, when and why; what was done in MLflow by hand is marked."""
    if as_json + as_csv + as_lineage > 1:
        raise Rejected("give one of --json, --csv and --lineage, not several")
    if workload:
        catalogue.describe(workload)
    platform = connect(state)
    names = (workload,) if workload else loading.names()
    if as_lineage:
        sys.stdout.writelines(f"{line}\n" for name in names for line in lineage.kept(platform.store, name))
        return
    found = [entry for name in names for entry in trail.entries(platform.store, name)]
    if as_json:
        json.dump([_plain(entry) for entry in found], sys.stdout, indent=1)
        print()
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, [field.name for field in fields(Entry)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(_plain, found))
    else:
        console.print(_table(found) if found else "no alias was changed yet")


def _plain(entry: Entry) -> dict[str, object]:
    return asdict(entry) | {"at": entry.at.isoformat()}


def _table(found: Sequence[Entry]) -> Table:
    table = Table("time (UTC)", "workload", "what", "version", "who", Column("why", overflow="fold"))
    for entry in found:
        change = f"{entry.before} → {entry.version or '–'}" if entry.before else str(entry.version or "–")
        who = "[yellow]by hand, in MLflow[/]" if entry.by_hand else escape(entry.actor)
        table.add_row(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.workload, entry.what, change, who, escape(entry.reason))
    return table
