"""The name of a class in; a number that any model and any test set have for it, out."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Identities = npt.NDArray[np.int64]


def identity(name: str) -> int:
    """Below 2^48, so that a float64 holds it exactly."""
    return int.from_bytes(blake2b(name.encode(), digest_size=6).digest())


def identities(names: npt.NDArray[np.object_]) -> Identities:
    """Of each of `names` (n,)."""
    known = {name: identity(name) for name in set(names.tolist())}
    return np.array([known[name] for name in names.tolist()], np.int64)
