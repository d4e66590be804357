"""`infra/delivery.yaml` in; what stops a delivery and how traffic moves, typed, out."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

SEVERITIES = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scan(_Part):
    """An image with a vulnerability of this severity or a higher one is not pushed."""

    refuse: Literal["MINIMAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
    fixable_only: bool
    """Only those count that a newer version of the package is without."""


class Traffic(_Part):
    """The share of requests that the new revision gets, step by step, and what must hold at each."""

    shares: tuple[int, ...]
    watch_seconds: float = Field(ge=0)
    error_rate: float = Field(gt=0, lt=1)
    least_errors: int = Field(ge=1)

    @field_validator("shares")
    @classmethod
    def _rising(cls, shares: tuple[int, ...]) -> tuple[int, ...]:
        if not shares or sorted(set(shares)) != list(shares) or shares[0] < 1 or shares[-1] != 100:
            raise ValueError(f"shares rise to 100, such as [10, 50, 100]; these are {list(shares)}")
        return shares


class Policy(_Part):
    """The whole file."""

    scan: Scan
    traffic: Traffic
    smoke_seconds: float = Field(gt=0)


def load(root: Path) -> Policy:
    """Read and check the file."""
    return Policy.model_validate(yaml.safe_load((root / "infra" / "delivery.yaml").read_text()))
