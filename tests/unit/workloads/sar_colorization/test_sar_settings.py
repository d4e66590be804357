from pathlib import Path
from typing import Any

import pytest
import yaml

import workloads.sar_colorization
from headrace.catalogue import Description, describe
from headrace.learning import Recipe
from headrace.workload import BadData
from workloads.sar_colorization.settings import Settings

FULL = Path(workloads.sar_colorization.__path__[0]) / "full.yaml"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"filter": 12}, "filter: Extra inputs are not permitted"),
        ({"depth": 9}, "depth: Input should be less than or equal to 8"),
        ({"crop": 512}, "crop: Input should be less than or equal to 256"),
        ({"depth": 8, "crop": 128}, "a U-Net that halves 8 times needs a crop that is a multiple of 256"),
        ({"paired": -1}, "paired: Input should be greater than or equal to 0"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_the_value(params: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadData, match=reason):
        Settings.of(params)


def test_settings_in_which_nothing_is_learned_are_refused() -> None:
    nothing = dict.fromkeys(("adversarial", "cycle", "identity", "paired"), 0)
    with pytest.raises(BadData, match="every loss has the weight 0"):
        Settings.of(nothing)


def test_the_candidate_in_full_size_is_one_as_the_catalogue_wants_it() -> None:
    known = describe("sar_colorization").model_dump(exclude={"own_resources"})
    description = Description.model_validate({**known, "candidates": yaml.safe_load(FULL.read_text())})
    recipe, own = Recipe.of(description.candidates["cyclegan"])
    settings = Settings.of(own)
    assert (settings.filters, settings.depth, settings.crop) == (64, 8, 256)
    assert (recipe.precision, recipe.channels_last) == ("auto", True)
    assert description.resources_of("cyclegan").gpu
    assert description.resources_of("small").gpu is None
