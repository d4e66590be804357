"""What a model said in; its label, its probabilities and who answered, as they are shown, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ORIGIN = ("model", "version", "alias", "request_id")
_PROBABILITY = "probability"
_OTHER = "not"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `likely` are probabilities by what they are of, the largest first; `others` is the rest of it."""

    label: str
    likely: tuple[tuple[str, float], ...]
    others: Mapping[str, Any]
    version: int
    alias: str
    request_id: str
    seconds: float

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the answer names: its own, and the others where it has a probability for each."""
        named = [name for name, _ in self.likely if not name.startswith(f"{_OTHER} ")]
        return tuple(named) if self.label in named else (self.label,) if self.label else ()


def answer(said: Mapping[str, Any], seconds: float) -> Answer:
    """The answer to one instance, as `predict` gives it."""
    own = {name: value for name, value in said.items() if name not in _ORIGIN}
    label = "" if own.get("label") is None else str(own["label"])
    likely = probabilities(own)
    shown = {"label", *(name for name in own if _is_probability(name, own[name]))}
    return Answer(
        label,
        likely,
        {name: value for name, value in own.items() if name not in shown},
        int(said["version"]),
        str(said["alias"]),
        str(said["request_id"]),
        seconds,
    )


def probabilities(said: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """Probabilities by what they are of; of a single one, the rest to 1 as well."""
    found = {_of(name, said): float(said[name]) for name in said if _is_probability(name, said[name])}
    if len(found) == 1:
        (name, value), *_ = found.items()
        found[f"{_OTHER} {name}"] = 1.0 - value
    return tuple(sorted(found.items(), key=lambda each: -each[1]))


def rows(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The answers to several instances."""
    found: Sequence[Mapping[str, Any]] = said["predictions"]
    return found


def _of(name: str, said: Mapping[str, Any]) -> str:
    return str(said.get("label", _PROBABILITY)) if name == _PROBABILITY else name.removesuffix(f"_{_PROBABILITY}")


def _is_probability(name: str, value: Any) -> bool:
    named = name == _PROBABILITY or name.endswith(f"_{_PROBABILITY}")
    return named and isinstance(value, int | float) and 0 <= value <= 1
