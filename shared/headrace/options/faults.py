"""What is wrong with a workload.yaml in; for each place its key, its value and what was expected, in words, out."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

LONGEST = 60


def told(model: type[BaseModel], error: ValidationError) -> str:
    """Every place that is wrong, of what was to be a `model`."""
    return "; ".join(_sentence(model, each) for each in error.errors())


def _sentence(model: type[BaseModel], each: ErrorDetails) -> str:
    where, value = ".".join(map(str, each["loc"])), _shown(each["input"])
    match each["type"]:
        case "missing":
            return f"{where} is missing"
        case "extra_forbidden":
            return f"{where} is not known; {_known(model, each['loc'])}"
        case "value_error":
            return f"{where}: {each['ctx']['error']}".removeprefix(": ")
        case "model_type" | "dict_type":
            return f"{where} is {value}; it should be keys with values"
    said = each["msg"].removeprefix("Input should be ").partition(", unable")[0]
    return f"{where} is {value}; it should be {said}"


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _known(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    """What the key might have been."""
    for part in loc[:-1]:
        if part in model.model_fields:
            model = _model_in(model.model_fields[str(part)].annotation) or model
    known = sorted(model.model_fields)
    near = get_close_matches(str(loc[-1]), known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that the values of a field are, perhaps under keys of their own or beside nothing."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
