"""The protocol's names of datatypes in; what NumPy calls them, and which of them fields and answers are, out."""

from collections.abc import Mapping
from struct import Struct
from typing import Any

import numpy as np

BYTES, BOOL, INT64, FP64 = "BYTES", "BOOL", "INT64", "FP64"

LENGTH = Struct("<I")
"""What stands before each element of BYTES in binary data."""

NUMPY: Mapping[str, np.dtype[Any]] = {
    BOOL: np.dtype(np.bool_),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
"""Every datatype of fixed size, as it lies in binary data."""

OF_FIELD: Mapping[str, str] = {"number": FP64, "text": BYTES, "boolean": BOOL, "image": BYTES}
"""By the kind of a field; numbers of any other datatype are taken too."""


_NOTHING = type(None)

IN_JSON: Mapping[str, frozenset[type]] = {
    BYTES: frozenset((str, _NOTHING)),
    BOOL: frozenset((bool, _NOTHING)),
    **{name: frozenset((int, _NOTHING)) for name in NUMPY if "INT" in name},
    **{name: frozenset((int, float, _NOTHING)) for name in NUMPY if name.startswith("FP")},
}
"""Every datatype with the types that its JSON data has; null is a missing value."""


def of_value(value: Any) -> str:
    """The datatype of an answer's value; one without a datatype of its own travels as JSON text."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT64
        case float():
            return FP64
    return BYTES
