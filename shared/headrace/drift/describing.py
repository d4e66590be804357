"""Instances in; what a model's own codec has to say of them, as columns to count, out."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from headrace import loading
from headrace.workload import Arrays, Codec, Describing, Instance


def described_by(codec: Codec, instances: Sequence[Instance]) -> Arrays:
    """Columns (each (n,)), where the codec has any."""
    return codec.describe(instances) if isinstance(codec, Describing) else {}


@lru_cache(1)
def codec_of(workload: str, export: Path) -> Codec:
    """The codec of the model exported to the folder `export`, opened once."""
    return loading.serving(workload).open(export)
