"""`headrace status`: every workload's champion, challenger, last drift check and jobs, what failed, and a pause."""

import json
from collections import Counter

from rich.markup import escape
from rich.table import Column, Table

from headrace import catalogue, loading
from headrace.cli.session import HERE, State, command, connect, console
from headrace.promotion import approvals
from headrace.records import driftlog
from headrace.training import pausing
from headrace.wiring import GoogleCloud

ALIASES = ("champion", "challenger", "previous")


@command
def status(state: State = HERE) -> None:
    """Show where everything stands."""
    from headrace.adapters.deadletters import count

    platform = connect(state)
    console.print(_workloads(platform))
    where = platform.settings
    console.print(f"dead letters: {count(where.project, where.pubsub_endpoint)}")
    for model in _waiting(platform):
        console.print(f"[yellow]{model} waits for `headrace approve {model}`[/]", soft_wrap=True, highlight=False)
    for record in _rejected(platform):
        console.print(f"[yellow]{record['component']} rejected[/] {record['reason']}", soft_wrap=True)
    show_pause(platform)


def show_pause(platform: GoogleCloud) -> None:
    """Say so when no training begins."""
    pause = pausing.current(platform.store)
    if pause:
        asked = pausing.count_waiting(platform.store, pause)
        sentence = f"{pause}; {asked} asked for meanwhile wait for `headrace resume`"
        console.print(f"[bold yellow]{escape(sentence)}[/]", soft_wrap=True, highlight=False)


def _workloads(platform: GoogleCloud) -> Table:
    table = Table(Column("workload", no_wrap=True), *ALIASES, "datasets", "jobs", "last drift check")
    aliases = platform.registry.workloads()
    jobs = platform.jobs.list()
    for name in loading.names():
        states = Counter(job.state.lower() for job in jobs if job.labels.get("workload") == name)
        named = aliases.get(name, {})
        table.add_row(
            name,
            *(str(named.get(alias, "–")) for alias in ALIASES),
            str(sum(1 for _ in platform.store.list(f"datasets/{name}/"))),
            ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "–",
            _last_drift(platform, name),
        )
    return table


def _waiting(platform: GoogleCloud) -> list[str]:
    """Versions that wait for a person, of workloads that want one asked."""
    aliases, found = platform.registry.workloads(), []
    for name in loading.names():
        if catalogue.describe(name).promotion.approval == "manual":
            champion = aliases.get(name, {}).get("champion")
            found += [f"{name}/{each}" for each in approvals.waiting(platform.registry.versions(name), champion)]
    return found


def _last_drift(platform: GoogleCloud, workload: str) -> str:
    last = driftlog.latest(platform.store, workload)
    return f"{last.at:%Y-%m-%d %H:%M} {last.outcome}" if last else "–"


def _rejected(platform: GoogleCloud) -> list[dict[str, str]]:
    return [json.loads(platform.store.read(stat.name)) for stat in platform.store.list("rejected/")]
