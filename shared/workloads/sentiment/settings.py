"""A candidate's own parameters in; checked, with their defaults, out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headrace.workload import BadData


class Settings(BaseModel):
    """What a candidate may choose beside the training loop's recipe.

    The commonest `vocabulary` words are learned, as vectors of `embedding` numbers; `glove` names a text file in
    GloVe's format that they start from, whose vectors then set the size. In training a word is hidden with the chance
    `word_dropout`, and half as often all but its beginning is. The share `validation` of the texts says which epoch was
    best.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocabulary: int = Field(30_000, ge=1)
    embedding: int = Field(64, ge=1)
    hidden: int = Field(48, ge=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    word_dropout: float = Field(0.3, ge=0, lt=1)
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-4, ge=0)
    validation: float = Field(0.1, gt=0, le=0.5)
    glove: Path | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """The settings. Raises BadData naming the wrong value."""
        try:
            return cls.model_validate(params)
        except ValidationError as error:
            wrong = "; ".join(f"{each['loc'][0]} is {each['input']!r}: {each['msg']}" for each in error.errors())
            raise BadData(f"a candidate cannot be trained as described: {wrong}") from None
