"""A candidate's parameters in; those of the training loop, checked, and the workload's own out."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.errors import BadData


class Recipe(BaseModel):
    """How networks are trained, whatever they are.

    A step sees `batch_size` examples per process, in `accumulate` parts. `precision` auto means bfloat16 where the GPU
    has it, float16 on other GPUs, float32 on CPUs. Training ends early when the monitored score did not improve for
    `patience` epochs. Checkpoints are at most `checkpoint_seconds` of work apart. `threads` of 0 leaves PyTorch's own
    choice; small networks train faster on one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(10, ge=1)
    batch_size: int = Field(32, ge=1)
    accumulate: int = Field(1, ge=1)
    clip: float | None = Field(None, gt=0)
    precision: Literal["auto", "32-true", "bf16-mixed", "16-mixed"] = "auto"
    channels_last: bool = False
    compile: bool = False
    seed: int = Field(0, ge=0)
    patience: int | None = Field(None, ge=1)
    checkpoint_seconds: float = Field(60.0, ge=0)
    loaders: int = Field(2, ge=0)
    threads: int = Field(0, ge=0)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> tuple[Self, dict[str, Any]]:
        """The recipe, and the parameters that are none of its own. Raises BadData naming the wrong value."""
        own = {name: value for name, value in params.items() if name in cls.model_fields}
        try:
            recipe = cls.model_validate(own)
        except ValidationError as error:
            wrong = "; ".join(f"{each['loc'][0]} is {each['input']!r}: {each['msg']}" for each in error.errors())
            raise BadData(f"a candidate cannot be trained as described: {wrong}") from None
        return recipe, {name: value for name, value in params.items() if name not in own}
