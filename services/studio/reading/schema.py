"""The inference service's OpenAPI document in; what a model is asked and which of its versions may be, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["number", "text", "boolean", "image"]

_KINDS: Mapping[str, Kind] = {"number": "number", "integer": "number", "boolean": "boolean", "string": "text"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of an instance, as a form draws it; `start` is what it holds before anybody wrote in it."""

    name: str
    kind: Kind
    about: str
    required: bool
    choices: tuple[str, ...]
    least: float | None
    most: float | None
    steps: float | None
    start: Any


@dataclass(frozen=True, slots=True)
class Form:
    """What a model is asked; there are no fields before its first version is loaded.

    `versions` may be asked by their number, and `columns` are what an answer has.
    """

    fields: tuple[Asked, ...]
    versions: tuple[int, ...]
    columns: tuple[str, ...]

    @property
    def image(self) -> str:
        """The field that holds a picture; empty where none does."""
        return next((field.name for field in self.fields if field.kind == "image"), "")

    @property
    def text(self) -> str:
        """The field that holds a text, where that is all there is; else empty."""
        return self.fields[0].name if [field.kind for field in self.fields] == ["text"] else ""

    @property
    def options(self) -> tuple[Asked, ...]:
        """The fields beside the picture."""
        return tuple(field for field in self.fields if field.kind != "image")


def form(document: Mapping[str, Any], workload: str) -> Form:
    """The form of a workload's model."""
    schemas = document["components"]["schemas"]
    instance, answer = (schemas.get(f"{workload}.{part}", {}) for part in ("instance", "prediction"))
    example: Mapping[str, Any] = next(iter(instance.get("examples", ())), {})
    needed = instance.get("required", ())
    fields = (
        _asked(name, said, name in needed, example.get(name)) for name, said in instance.get("properties", {}).items()
    )
    return Form(tuple(fields), _versions(document, workload), tuple(answer.get("properties", ())))


def _asked(name: str, said: Mapping[str, Any], required: bool, example: Any) -> Asked:
    return Asked(
        name=name,
        kind=_kind(said),
        about=str(said.get("description", "")),
        required=required,
        choices=tuple(map(str, said.get("examples", ()))),
        least=said.get("minimum"),
        most=said.get("maximum"),
        steps=said.get("multipleOf"),
        start=example if example is not None else said.get("default"),
    )


def _kind(said: Mapping[str, Any]) -> Kind:
    if said.get("contentMediaType"):
        return "image"
    kinds: Sequence[str] = [said["type"]] if isinstance(said.get("type"), str) else said.get("type", ())
    return next((_KINDS[kind] for kind in kinds if kind in _KINDS), "text")


def _versions(document: Mapping[str, Any], workload: str) -> tuple[int, ...]:
    operation = document["paths"].get(f"/models/{workload}/versions/{{version}}/predict", {}).get("post", {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "version":
            return tuple(int(number) for number in parameter["schema"].get("enum", ()))
    return ()
