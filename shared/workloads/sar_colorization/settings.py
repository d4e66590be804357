"""A candidate's own parameters in; the networks' sizes and the weights of the losses, checked, out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from headrace.workload import BadData

from .layout import TILE


class Settings(BaseModel):
    """A CycleGAN: how large its networks are, what part of a tile they learn from, and what each loss weighs.

    `filters` and `depth` are of the generators' first layer and their halvings, `crop` is in pixels. A loss of weight 0
    is left out. `perceptual_weights` is a file with the state_dict of a VGG-16, such as torchvision's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    filters: int = Field(64, ge=1)
    depth: int = Field(8, ge=2, le=8)
    discriminator_filters: int = Field(64, ge=1)
    crop: int = Field(TILE, ge=32, le=TILE)
    learning_rate: float = Field(2e-4, gt=0)
    adversarial: float = Field(1.0, ge=0)
    cycle: float = Field(10.0, ge=0)
    identity: float = Field(5.0, ge=0)
    paired: float = Field(0.0, ge=0)
    perceptual: float = Field(1.0, ge=0)
    perceptual_weights: Path | None = None
    pool: int = Field(50, ge=0)

    @model_validator(mode="after")
    def _can_learn(self) -> Self:
        if self.crop % 2**self.depth:
            raise ValueError(
                f"a U-Net that halves {self.depth} times needs a crop that is a multiple of {2**self.depth}"
            )
        if not (self.adversarial or self.cycle or self.identity or self.paired):
            raise ValueError("every loss has the weight 0; give one of them another")
        return self

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """The settings that `params` give. Raises BadData naming the wrong value."""
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            wrong = "; ".join(": ".join([*map(str, each["loc"]), each["msg"]]) for each in error.errors())
            raise BadData(f"a candidate of sar_colorization cannot be trained as described: {wrong}") from None
