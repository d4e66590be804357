"""A candidate's own parameters in; what they mean for the network and its training, checked, out."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.workload import BadData


class Settings(BaseModel):
    """`width` is the number of channels of the first block; `augmentation` 0 is none, 1 usual for small datasets.

    The learning rate rises for the share `warmup` of the training and falls along a cosine. Of the train split the
    share `validation` is only looked at, for curves and early stopping.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(16, ge=4, le=256)
    dropout: float = Field(0.3, ge=0, lt=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(0.05, ge=0)
    smoothing: float = Field(0.1, ge=0, lt=0.5)
    augmentation: float = Field(1.0, ge=0, le=2)
    warmup: float = Field(0.1, ge=0, lt=1)
    validation: float = Field(0.1, ge=0, le=0.5)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """The settings in `params`. Raises BadData naming the wrong one."""
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            wrong = "; ".join(f"{each['loc'][0]} is {each['input']!r}: {each['msg']}" for each in error.errors())
            raise BadData(f"a candidate cannot be trained as described: {wrong}") from None
