"""A file of infra/environments in; those of its settings that cost something, with Terraform's defaults, out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from headrace.costs import tfvars
from headrace.errors import Rejected

FOLDER = Path("infra/environments")


class _Set(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Database(_Set):
    """The Cloud SQL instance."""

    tier: str = "db-f1-micro"
    disk_gib: float = 10
    available: Literal["ZONAL", "REGIONAL"] = "ZONAL"


class Budget(_Set):
    """What a month may cost, in the billing account's currency; with `stop`, nothing is trained when it is spent."""

    amount: float
    currency: str = "USD"
    stop: bool = False


class Environment(_Set):
    """One deployment."""

    name: str
    mlflow_backend: Literal["sqlite", "cloudsql"] = "sqlite"
    database: Database = Database()
    schedules: Mapping[str, str] = {}
    secrets: tuple[str, ...] = ()
    internet: bool = False
    watched: tuple[str, ...] = ()
    budget: Budget | None = None
    objectives: Mapping[str, float] = {}


def names(root: Path) -> tuple[str, ...]:
    """Those there are."""
    return tuple(sorted(file.stem for file in (root / FOLDER).glob("*.tfvars")))


def load(root: Path, name: str) -> Environment:
    """Raises Rejected for a name that is none, and for a value that Terraform would refuse."""
    if name not in names(root):
        raise Rejected(f"there is no {FOLDER}/{name}.tfvars; --environment is one of {', '.join(names(root))}")
    file = FOLDER / f"{name}.tfvars"
    values = tfvars.read((root / file).read_text("utf-8"), str(file))
    try:
        return Environment.model_validate({**values, "name": name})
    except ValidationError as error:
        raise Rejected(f"{file} is not valid: {error}") from error
