"""`headrace stage`: what a training job does, one step at a time, on folders: for DVC, and to try a workload out."""

import json
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from headrace import catalogue
from headrace.cli.session import command, console
from headrace.errors import Rejected

Workload = Annotated[str, typer.Argument(help="The workload.")]
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False)]
New = Annotated[Path, typer.Argument(help="A folder that is made anew.")]

stage = typer.Typer(help="Prepare, train and evaluate on folders, without the platform.", no_args_is_help=True)


@stage.command()
@command
def prepare(workload: Workload, dataset: Folder, split: New) -> None:
    """Check the files in DATASET and write SPLIT/train and SPLIT/test."""
    from headrace.data.folder_dataset import FolderDataset
    from headrace.training import stages

    prepared = stages.prepare(workload, FolderDataset(dataset), _anew(split))
    console.print(f"{prepared.train:,} examples to train on, {prepared.test:,} to test on")
    for note in prepared.notes:
        console.print(f"  {note}", highlight=False)


@stage.command()
@command
def train(
    workload: Workload,
    split: Folder,
    model: New,
    params: Annotated[Path, typer.Option(help="`candidate`, and `params` that change it.")] = Path("params.yaml"),
) -> None:
    """Train one candidate on SPLIT/train and write MODEL/export, MODEL/kept and MODEL/curves.json.

    Begun again after it was interrupted, it goes on from where it was.
    """
    from headrace.training import stages
    from headrace.training.folder_run import FolderRun

    given = yaml.safe_load(params.read_text("utf-8"))
    candidate = _candidate(workload, given.get("candidate"))
    begun = model.with_name(f".{model.name}")
    run = FolderRun(begun, lambda line: console.print(line, highlight=False))
    trained = stages.fit(workload, {**candidate, **(given.get("params") or {})}, split, run)
    quantised = catalogue.describe(workload).quantised_of(given["candidate"])
    exported = stages.export(workload, trained, split, _anew(model), quantised)
    run.move_curves(model)
    shutil.rmtree(begun, ignore_errors=True)
    console.print(f"exported {exported.size:,} bytes, off by {exported.parity.difference:.1e}")


@stage.command()
@command
def evaluate(workload: Workload, split: Folder, model: Folder, evaluation: New) -> None:
    """Score MODEL/export on SPLIT/test and write EVALUATION/metrics.json and figures."""
    from headrace.training import stages

    evaluated = stages.evaluate(workload, model / "export", split)
    folder = _anew(evaluation)
    (folder / "metrics.json").write_text(json.dumps(dict(evaluated.scores), indent=1))
    for name, content in evaluated.figures.items():
        (folder / name).write_bytes(content)
    for name, value in evaluated.scores.items():
        console.print(f"{name:<12} {value:.4f}", highlight=False)


def _candidate(workload: str, name: Any) -> dict[str, Any]:
    candidates = catalogue.describe(workload).candidates
    if name not in candidates:
        raise Rejected(f"{workload} has no candidate {name!r}; it is one of {', '.join(candidates)}")
    return dict(candidates[name])


def _anew(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
