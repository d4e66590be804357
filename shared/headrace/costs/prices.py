"""`infra/costs/prices.yaml` in; what each thing costs, by name, out."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.errors import Rejected

FILE = Path("infra/costs/prices.yaml")


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Written):
    """Dollars a `unit`, how many are free each month, the page where Google publishes it, and what was read of it."""

    usd: float = Field(ge=0)
    unit: str
    free: float = Field(0, ge=0)
    page: str
    found: str
    checked: bool
    seen_in: str = ""


class Prices(_Written):
    """A dated list for one region."""

    looked_up: date
    region: str
    currency: Literal["USD"]
    prices: Mapping[str, Price]

    def of(self, name: str) -> float:
        """Dollars a unit. Raises Rejected for a price that nobody looked up."""
        return self._named(name).usd

    def paid(self, name: str, amount: float) -> float:
        """Dollars for a month's `amount`, less what is free."""
        price = self._named(name)
        return max(0, amount - price.free) * price.usd

    def given(self, name: str) -> float:
        """What the free part would cost."""
        price = self._named(name)
        return price.free * price.usd

    def of_gpu(self, gpu: str, suffix: str = "", prefix: str = "") -> float:
        """Dollars an hour on Batch, or a second with the prefix of Cloud Run. Raises Rejected, naming those known."""
        name = f"{prefix}{gpu}{suffix}"
        if name in self.prices:
            return self.prices[name].usd
        known = sorted(each.removeprefix(prefix) for each in self.prices if each.startswith(f"{prefix}nvidia-"))
        known = [each for each in known if not each.endswith("_spot")]
        raise Rejected(
            f"{FILE} has no price {name!r}; look it up and add it, or take one of the GPUs it knows: {', '.join(known)}"
        )

    def _named(self, name: str) -> Price:
        if name not in self.prices:
            raise Rejected(f"{FILE} has no price {name!r}; look it up and add it, with the page that it is on")
        return self.prices[name]

    @property
    def unchecked(self) -> tuple[str, ...]:
        """What is from memory, or was seen for another region only."""
        return tuple(name for name, price in self.prices.items() if not price.checked)


def load(root: Path) -> Prices:
    """The project's list. Raises Rejected for one that is not valid."""
    try:
        return Prices.model_validate(yaml.safe_load((root / FILE).read_text("utf-8")))
    except ValidationError as error:
        raise Rejected(f"{FILE} is not valid: {error}") from error
