"""Serving side by side with its peers, in one run: `make bench-serving`.

Each contender is started alone and asked by connections that never pause; the best of its rounds counts. Requests and
servers share the machine's cores.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from headrace.wiring import GoogleCloud
from localcloud.stack.stack import Stack, running
from tests.bench.serving import bounds, contender, models, ours, peers, plot
from tests.bench.serving.contender import Contender, Measured
from tests.bench.serving.models import Model

BUSY, ALONE, UPLOADS = 32, 1, 16
ROUNDS, STARTS = 3, 3
LOAD, SLICE = 0.7, 30.0
MLFLOW = "mlflow models serve"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where it runs, for how long, and against whom."""

    stack: Stack
    folder: Path
    python: str
    seconds: float
    endurance: float
    console: Console
    made: dict[str, Model] = field(default_factory=dict)

    def model(self, make: Callable[[Path], Model]) -> Model:
        """A model, made, registered and champion; the same one when it is asked for again."""
        name = make.__name__
        if name not in self.made:
            self.console.log(f"a model: {name} …")
            self.made[name] = make(self.folder / name)
            ours.publish(self.stack, GoogleCloud(self.stack.settings()), self.made[name])
        return self.made[name]

    def ours(self, model: Model, content: str, **changed: str) -> Contender:
        """Headrace's service for the model."""
        return ours.contender(self.stack, model, content, self.folder / "cache", **changed)

    def measured(
        self, contenders: Sequence[Contender], connections: int, bound: Callable[[], object] = lambda: None
    ) -> dict[str, Measured]:
        """Every contender under the same load, at its best.

        They take turns, also with what measures a `bound` for them: a machine is not always as fast.
        """
        found: dict[str, Measured] = {}
        for turn in range(1, ROUNDS + 1):
            bound()
            for each in contenders:
                self.console.log(f"{each.name}, {connections} at once, {turn} of {ROUNDS} …")
                with contender.running(each, self.folder / "server.log") as server:
                    server.measure(connections, 1)
                    measured = server.measure(connections, self.seconds)
                    if each.name == ours.NAME:
                        self.console.log(ours.told(server))
                before = found.get(each.name, measured)
                found[each.name] = max(before, measured, key=lambda one: one.rate)
        return found


def rows(bench: Bench) -> None:
    """One loan as JSON."""
    model = bench.model(models.loans)
    contenders = [bench.ours(model, "application/json"), *peers.of_rows(bench.python, model)]
    busy, alone = bench.measured(contenders, BUSY), bench.measured(contenders, ALONE)
    columns = ("server", "requests/s", "× mlflow", "p50 ms", "p99 ms", "CPU µs", "MB", "errors", "p50 ms alone")
    table = Table(*columns, title=f"a row of a table, {BUSY} connections")
    for name, one in busy.items():
        times = f"{one.rate / busy[MLFLOW].rate:.1f}"
        table.add_row(name, f"{one.rate:,.0f}", times, *_costs(one), f"{alone[name].p50:.2f}")
    bench.console.print(table)
    plot.bars({name: one.rate for name, one in busy.items()}, "requests a second, a row of a table", "serving-rows.png")


def photos(bench: Bench) -> None:
    """A JPEG of 128 × 128 pixels, uploaded."""
    model = bench.model(models.photos)
    contenders = [bench.ours(model, "image/jpeg"), *peers.of_photos(bench.python, model)]
    rates: list[float] = []
    found = bench.measured(contenders, UPLOADS, lambda: rates.append(bounds.rate(model, 2, bench.seconds)))
    bound = max(rates)
    best = max(one.rate for name, one in found.items() if name != ours.NAME)
    columns = ("server", "uploads/s", "× best peer", "of the bound", "p50 ms", "p99 ms", "CPU µs", "MB", "errors")
    table = Table(*columns, title=f"a photo, {UPLOADS} connections; the bound is two threads in one process")
    for name, one in found.items():
        table.add_row(name, f"{one.rate:,.0f}", f"{one.rate / best:.2f}", f"{one.rate / bound:.2f}", *_costs(one))
    table.add_row("in process, two threads", f"{bound:,.0f}", f"{bound / best:.2f}", "1.00")
    bench.console.print(table)
    shown = {**{name: one.rate for name, one in found.items()}, "in process": bound}
    plot.bars(shown, "photos a second", "serving-photos.png")


def scenes(bench: Bench) -> None:
    """A radar image of 256 × 256 pixels, one after the other."""
    model = bench.model(models.scenes)
    contenders = [bench.ours(model, "image/png", accept="image/png"), *peers.of_scenes(bench.python, model)]
    taken: list[float] = []
    found = bench.measured(contenders, ALONE, lambda: taken.append(bounds.milliseconds(model, 15)))
    bound = min(taken)
    table = Table(
        "server", "p50 ms", "over in process", "p99 ms", "CPU ms", "MB", "errors", title="a scene, one at a time"
    )
    for name, one in found.items():
        over = f"{one.p50 / bound - 1:+.1%}"
        cells = (
            f"{one.p50:.1f}",
            over,
            f"{one.p99:.1f}",
            f"{one.cpu / 1e3:.0f}",
            f"{one.resident:.0f}",
            str(one.errors),
        )
        table.add_row(name, *cells)
    table.add_row("in process", f"{bound:.1f}", "+0.0%")
    bench.console.print(table)


def starts(bench: Bench) -> None:
    """From the start of the process to its first answer."""
    loans, pets = bench.model(models.loans), bench.model(models.photos)
    contenders = {
        "a row": [bench.ours(loans, "application/json"), *peers.of_rows(bench.python, loans)],
        "a photo": [bench.ours(pets, "image/jpeg"), *peers.of_photos(bench.python, pets)[:1]],
    }
    table = Table(
        "server", "asked with", "seconds", "MB then", title=f"process start to first answer, median of {STARTS}"
    )
    for asked, group in contenders.items():
        for each in group:
            bench.console.log(f"{each.name} …")
            ready = []
            for _ in range(STARTS):
                with contender.running(each, bench.folder / "server.log") as server:
                    ready.append(server.ready)
                    resident = server.resident()
            table.add_row(each.name, asked, f"{median(ready):.2f}", f"{resident:.0f}")
    bench.console.print(table)


def endurance(bench: Bench) -> None:
    """At 70 % of its peak for minutes: memory, errors and the slowest percent must stay as they are."""
    model = bench.model(models.loans)
    table = Table(
        "after s", "requests/s", "p50 ms", "p99 ms", "MB", "errors", title=f"a row, at {LOAD:.0%} of the peak"
    )
    slices: list[Measured] = []
    with contender.running(bench.ours(model, "application/json"), bench.folder / "server.log") as server:
        peak = server.measure(BUSY, bench.seconds).rate
        while len(slices) * SLICE < bench.endurance:
            slices.append(server.measure(BUSY, SLICE, LOAD * peak))
            bench.console.log(f"{len(slices) * SLICE:.0f} s: {slices[-1].rate:,.0f}/s, {slices[-1].resident:.0f} MB")
    for number, one in enumerate(slices):
        cells = (f"{one.rate:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}", f"{one.resident:.0f}", str(one.errors))
        table.add_row(f"{(number + 1) * SLICE:.0f}", *cells)
    bench.console.print(table)


PARTS = {part.__name__: part for part in (rows, photos, scenes, starts, endurance)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Headrace's inference service beside its peers.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"some of {', '.join(PARTS)}; else all")
    parser.add_argument("--peers", default=".venv-peers/bin/python", help="the Python that has them")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--endurance", type=float, default=600.0, help="seconds of the endurance run")
    given = parser.parse_args()
    console, python = Console(width=max(140, Console().width)), str(Path(given.peers).absolute())
    with TemporaryDirectory(prefix="headrace-bench-") as folder, running(Path(folder) / "s", console.log, {}) as stack:
        bench = Bench(stack, Path(folder), python, given.seconds, given.endurance, console)
        for part in given.parts or PARTS:
            PARTS[part](bench)


def _costs(one: Measured) -> tuple[str, ...]:
    return f"{one.p50:.2f}", f"{one.p99:.2f}", f"{one.cpu:.0f}", f"{one.resident:.0f}", str(one.errors)


if __name__ == "__main__":
    main()
