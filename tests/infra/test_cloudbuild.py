"""`cloudbuild.yaml` says what Cloud Build takes, and runs the steps of a delivery in their order."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from headrace.delivery.steps import STEPS, WAY
from tests.infra.hcl import all_blocks

ROOT = Path(__file__).parents[2]
BUILD: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
SCHEMA = json.loads((ROOT / "tests/infra/cloudbuild/schema.json").read_text())
ONCE_BY_A_PERSON = {"bootstrap", "quotas"}
GIVEN = {"PROJECT_ID", "COMMIT_SHA"}


def steps() -> Iterator[str]:
    for step in BUILD["steps"]:
        yield from (word.removeprefix("--step=") for word in step["args"] if word.startswith("--step="))


def test_cloud_build_knows_every_field() -> None:
    jsonschema.validate(BUILD, SCHEMA, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "change",
    [{"timeout": "2 hours"}, {"step": []}, {"options": {"machineType": "BIG"}}, {"steps": [{"args": ["a"]}]}],
    ids=["duration", "field", "enum", "nameless"],
)
def test_what_cloud_build_would_refuse_is_found(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**BUILD, **change}, SCHEMA, jsonschema.Draft202012Validator)


def test_its_steps_are_those_of_a_delivery_in_their_order() -> None:
    assert list(steps()) == [name for name in WAY if name not in ONCE_BY_A_PERSON]


def test_a_step_waits_for_steps_that_come_before_it() -> None:
    seen = {"-"}
    for step in BUILD["steps"]:
        assert set(step.get("waitFor", ())) <= seen
        seen.add(step["id"])


def test_every_substitution_is_given() -> None:
    asked = set(re.findall(r"\$\{?([A-Z_]+)\}?", (ROOT / "cloudbuild.yaml").read_text()))
    assert asked == GIVEN | set(BUILD["substitutions"])


def test_the_steps_that_ask_services_know_the_key_that_bootstrap_keeps() -> None:
    asking = [step["id"] for step in BUILD["steps"] if step.get("secretEnv") == ["HEADRACE_API_KEY"]]
    (secret,) = BUILD["availableSecrets"]["secretManager"]
    made = [
        block.argument("secret_id")
        for _, block in all_blocks(ROOT / "infra/bootstrap")
        if "delivery_key" in block.labels
    ]
    assert asking == ["smoke", "shift"]
    assert secret["env"] == "HEADRACE_API_KEY"
    assert secret["versionName"].split("/")[3] in [each.value for each in made if each]


def test_no_step_holds_logic_of_its_own() -> None:
    assert [step["id"] for step in BUILD["steps"] if "script" in step or "-c" in step["args"]] == []


def test_every_make_target_and_script_exists() -> None:
    for step in BUILD["steps"]:
        if step.get("entrypoint") == "make":
            for target in step["args"]:
                assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        if step.get("entrypoint") == "bash":
            assert (ROOT / step["args"][0]).is_file()


def test_every_step_of_a_delivery_is_named_by_what_it_is_called() -> None:
    assert set(WAY) < set(STEPS)
