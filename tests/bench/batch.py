"""A million loans in; the time from their upload to the manifest of their answers, on this machine, out.

`python -m tests.bench.batch`: the job's tasks run side by side, as many as the size asks for, beside the whole stack.
"""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from headrace import batches
from headrace.batches import ROOT, Asked, Manifest
from headrace.data import datasets
from headrace.training import candidates
from headrace.wiring import GoogleCloud
from localcloud.stack.stack import running
from tests.bench.delivery import until
from workloads.loan_default.generator import write_csv

WORKLOAD = "loan_default"
BOUND_SECONDS = 60
MADE = 50_000
"""Loans that are made; what is scored repeats them."""


def main() -> None:
    """Train a champion on a small month, then score; rejected rows would count as a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.batch", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows, console = parser.parse_args().rows, Console()
    with TemporaryDirectory(prefix="headrace-bench-") as folder, running(Path(folder), console.log, {}) as stack:
        platform = GoogleCloud(stack.settings())
        month, many = Path(folder) / "month.csv", Path(folder) / "many.csv"
        write_csv(month, 900, "2024-01")
        stat = platform.data.upload(f"{WORKLOAD}/month.csv", month)
        dataset = datasets.version_of([datasets.as_file(platform.data.bucket, stat, "month.csv")])
        _write(many, rows)
        until(lambda: all(each.settled for each in candidates.of(platform, WORKLOAD, dataset)))
        console.log(f"a champion answers; {rows:,} rows are {many.stat().st_size >> 20} MiB")
        manifest, seconds = _scored(platform, many)
    if (manifest.rows, manifest.rejected) != (rows, 0):
        raise SystemExit(f"{manifest.rows:,} rows came out, {manifest.rejected:,} of them rejected; {rows:,} went in")
    console.print(
        f"{rows:,} rows in {len(manifest.outputs)} parts: {seconds:.1f} s from the upload to the manifest, "
        f"{rows / seconds:,.0f} rows/s; the bound for 1,000,000 is {BOUND_SECONDS} s"
    )


def _write(path: Path, rows: int) -> None:
    write_csv(path, min(rows, MADE), "2024-06", seed=1)
    header, _, loans = path.read_text().partition("\n")
    lines = loans.splitlines(keepends=True)
    with path.open("w") as file:
        file.write(header + "\n")
        for start in range(0, rows, len(lines)):
            file.writelines(lines[: rows - start])


def _scored(platform: GoogleCloud, path: Path) -> tuple[Manifest, float]:
    name, store = f"{ROOT}{WORKLOAD}/{path.name}", platform.store
    source = f"{platform.data.uri(name)}#{platform.data.upload(name, path).generation}"
    begun, note = time.monotonic(), batches.asked_name(WORKLOAD, source)
    until(lambda: batches.read(store, note))
    asked = Asked.model_validate_json(store.read(note))
    if asked.reason:
        raise SystemExit(asked.reason)
    manifest = batches.manifest_name(WORKLOAD, asked.batch)
    until(lambda: batches.read(store, manifest))
    return Manifest.model_validate_json(store.read(manifest)), time.monotonic() - begun


if __name__ == "__main__":
    main()
