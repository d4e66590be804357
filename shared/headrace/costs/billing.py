"""What runs on Cloud Run, and for how long, in; dollars out."""

from dataclasses import dataclass
from typing import Literal

from headrace.costs.prices import Prices

Manner = Literal["instance", "request"]
"""Billed for as long as an instance lives, or only while it starts, answers and ends."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part: its dollars, what they come from, and how many of them are for Cloud Run's processors and memory."""

    part: str
    usd: float
    why: str = ""
    cpu: float = 0
    memory: float = 0


def machine(prices: Prices, manner: Manner, cpus: float, memory_mib: float, seconds: float) -> tuple[float, float]:
    """Dollars for the processors and for the memory."""
    cpu = seconds * cpus * prices.of(f"run_{manner}_cpu")
    return cpu, seconds * memory_mib / 1024 * prices.of(f"run_{manner}_gib")
