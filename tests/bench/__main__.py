"""Measure what the loop costs beside training: `make bench`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from headrace.wiring import GoogleCloud
from localcloud.stack.stack import running
from tests.bench import delivery, swaps, turns


def main() -> None:
    """Start a stack, measure, and print medians beside the bounds they are held to."""
    console = Console()
    table = Table("from", "to", "median", "bound", "share of the bound", title="overheads of the loop")
    with TemporaryDirectory(prefix="headrace-bench-") as state, running(Path(state), console.log, {}) as stack:
        platform = GoogleCloud(stack.settings())
        console.log("delivery …")
        _row(table, "publish", "handler starts", delivery.seconds(stack, platform), 0.05)
        console.log("turns …")
        turn = turns.measure(stack, platform)
        _row(table, "upload complete", "first training process started", turn.to_first_process, 2)
        console.log("swaps …")
        _row(table, "alias set", "new model answering", swaps.seconds(platform), 1)
        _row(table, "upload", "last verdict, less training", turn.beside_training, 8)
    console.print(table)


def _row(table: Table, begin: str, end: str, seconds: float, bound: float) -> None:
    table.add_row(begin, end, f"{seconds * 1000:.0f} ms", f"{bound * 1000:.0f} ms", f"{seconds / bound:.0%}")


if __name__ == "__main__":
    main()
