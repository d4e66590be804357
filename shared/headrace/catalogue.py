"""Every `workload.yaml` in; typed descriptions and the workload's own code, looked up by name, out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module, resources
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.errors import HeadraceError, Rejected, WorkloadFailed
from headrace.policy import Promotion
from headrace.workload import Intake, Serving, Training


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Resources(_Described):
    """What one training task gets: cores, MiB of memory, minutes at most, and a GPU type where one helps."""

    cpus: float = 2
    memory_mib: int = 4096
    max_minutes: int = 60
    gpu: str | None = None
    spot: bool = True


class Data(_Described):
    """What may be uploaded: the endings of file names and the size of one dataset."""

    endings: tuple[str, ...]
    max_gib: float = 4


class ServingLimits(_Described):
    """Bounds on one request to the inference service."""

    max_rows: int = 1000


class Drift(_Described):
    """When a window of predictions counts as drifted, and how often that may cause a retraining."""

    min_rows: int = Field(1000, ge=1)
    share: float = Field(0.3, gt=0, le=1)
    cooldown_minutes: float = 1440
    ignore: tuple[str, ...] = ()


class Description(_Described):
    """One workload, as its `workload.yaml` says it."""

    name: str
    title: str
    task: Literal["classification", "regression", "image"]
    data: Data
    resources: Resources = Resources()
    candidates: Mapping[str, Mapping[str, Any]] = Field(min_length=1)
    promotion: Promotion
    serving: ServingLimits = ServingLimits()
    drift: Drift = Drift()
    example: Mapping[str, Any]


@cache
def names() -> tuple[str, ...]:
    """Every workload that has a `workload.yaml`, sorted."""
    folders = resources.files("workloads").iterdir()
    return tuple(sorted(folder.name for folder in folders if (folder / "workload.yaml").is_file()))


@cache
def describe(name: str) -> Description:
    """The description of the workload `name`. Raises Rejected, naming those there are, when there is none."""
    if name not in names():
        raise Rejected(f"no workload named {name!r}; there are {', '.join(names())}")
    text = (resources.files("workloads") / name / "workload.yaml").read_text("utf-8")
    try:
        return Description.model_validate({"name": name, **yaml.safe_load(text)})
    except ValidationError as error:
        raise Rejected(f"workloads/{name}/workload.yaml is not valid: {error}") from error


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
    describe(name)
    return getattr(import_module(f"workloads.{name}.{part}"), part)


@contextmanager
def user_code(name: str, doing: str) -> Iterator[None]:
    """The boundary round a workload's own code: what it raises, but for BadData, becomes WorkloadFailed."""
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        raise WorkloadFailed(f"workload {name} failed while {doing}: {type(error).__name__}: {error}") from error
