"""The name of a workload in; its own code, imported, out."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module, resources
from typing import cast

from headrace.errors import HeadraceError, Rejected, WorkloadFailed
from headrace.workload import Intake, Serving, Training

_EXTRAS = {
    "networks,vision": ("torch", "lightning_fabric", "onnxscript", "cv2", "simplejpeg"),
    "tabular": ("sklearn", "xgboost", "onnx", "skops", "pandas", "pyarrow"),
    "distributed": ("dask", "distributed"),
}


@cache
def names() -> tuple[str, ...]:
    """Every workload that has a `workload.yaml`, sorted."""
    folders = resources.files("workloads").iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / "workload.yaml").is_file()))


def check(name: str) -> None:
    """Raises Rejected, naming the workloads there are, when there is none of that name."""
    if name not in names():
        raise Rejected(f"no workload named {name!r}; there are {', '.join(names())}")


def intake(name: str) -> Intake:
    """The part of the workload that needs nothing installed."""
    return cast(Intake, _part(name, "intake"))


def serving(name: str) -> Serving:
    """The part of the workload that answers and scores."""
    return cast(Serving, _part(name, "serving"))


def training(name: str) -> Training:
    """The part of the workload that trains; importing it imports the workload's own libraries."""
    return cast(Training, _part(name, "training"))


def _part(name: str, part: str) -> object:
    check(name)
    return getattr(import_module(f"workloads.{name}.{part}"), part)


@contextmanager
def user_code(name: str, doing: str) -> Iterator[None]:
    """The boundary round a workload's own code: what it raises, but for BadData, becomes WorkloadFailed."""
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        why = _not_installed(error) or f"failed while {doing}: {type(error).__name__}: {error}"
        raise WorkloadFailed(f"workload {name} {why}") from error


def _not_installed(error: Exception) -> str | None:
    """What to do when a library is missing that one of the extras brings."""
    library = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    extras = next((extras for extras, libraries in _EXTRAS.items() if library in libraries), None)
    if extras is None:
        return None
    return f"needs {library}, which is not installed here; run `{installing(extras)}` and train again"


def installing(extras: str) -> str:
    """The command that installs what workloads train with."""
    return f'pip install --constraint constraints.txt -e ".[{extras}]"'
