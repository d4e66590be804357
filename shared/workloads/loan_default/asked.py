"""A model's columns in; the fields that a client is asked for, out."""

from collections.abc import Sequence

from headrace import workload

from .cleaning import expected
from .schema import HISTORY, ISSUED, Field


def asked(features: Sequence[Field]) -> tuple[workload.Field, ...]:
    """What an instance may hold that a model with these `features` looks at; it makes do with any of them."""
    dated = (ISSUED,) if HISTORY in features else ()
    return tuple(_asked(field) for field in (*features, *dated))


def _asked(field: Field) -> workload.Field:
    if field.kind in ("category", "date"):
        return workload.Field(field.name, "text", expected(field), required=False, choices=field.vocabulary)
    return workload.Field(field.name, "number", expected(field), required=False, least=field.low, most=field.high)
