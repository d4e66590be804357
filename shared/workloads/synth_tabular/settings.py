"""A candidate's own parameters in; what they mean for the network and its training, checked, out."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.workload import BadData


class Settings(BaseModel):
    """`hidden_sizes` has the width of each hidden layer, the first one first; none makes a linear model.

    The learning rate falls along a cosine. Of the train split the share `validation` is only looked at, for curves and
    to tell which epoch was best.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden_sizes: tuple[Annotated[int, Field(ge=1, le=65_536)], ...] = Field((128, 64), max_length=16)
    dropout: float = Field(0.1, ge=0, lt=1)
    learning_rate: float = Field(3e-3, gt=0)
    weight_decay: float = Field(1e-4, ge=0)
    validation: float = Field(0.1, gt=0, le=0.5)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """The settings in `params`. Raises BadData naming the wrong one."""
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            wrong = "; ".join(f"{each['loc'][0]} is {each['input']!r}: {each['msg']}" for each in error.errors())
            raise BadData(f"a candidate cannot be trained as described: {wrong}") from None
