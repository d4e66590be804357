from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from headrace import catalogue, loading
from headrace.options.serving import ServingLimits


def _read(text: str) -> ServingLimits:
    return ServingLimits.model_validate(yaml.safe_load(text))


def test_no_challenger_is_tried_where_nothing_is_said() -> None:
    assert _read("max_rows: 5").challenger.mode == "off"
    assert {catalogue.describe(name).serving.challenger.mode for name in loading.names()} == {"off"}


@pytest.mark.parametrize("word", ["off", '"off"', "shadow", "canary"])
def test_a_mode_is_a_word_even_where_yaml_reads_something_else(word: str) -> None:
    assert _read(f"challenger: {{mode: {word}}}").challenger.mode == word.strip('"')


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mode": "blue"}, "Input should be 'off', 'shadow' or 'canary'"),
        ({"mode": True}, "Input should be 'off', 'shadow' or 'canary'"),
        ({"share": 0}, "challenger.share\n  Input should be greater than 0"),
        ({"share": 1.5}, "challenger.share\n  Input should be less than or equal to 1"),
        ({"mode": "canary", "share": 1}, "a canary of all traffic leaves nothing to compare with"),
        ({"requests": 3}, "challenger.requests\n  Input should be greater than or equal to 20"),
        ({"hours": 0}, "challenger.hours\n  Input should be greater than 0"),
        ({"max_error_gain": 1}, "challenger.max_error_gain\n  Input should be less than 1"),
        ({"max_latency_ratio": 0}, "challenger.max_latency_ratio\n  Input should be greater than 0"),
        ({"max_disagreement": "none"}, "challenger.max_disagreement\n  Input should be a valid number"),
        ({"traffic": 0.1}, "challenger.traffic\n  Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_field(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ServingLimits.model_validate({"challenger": given})
    assert words in str(refused.value)
