from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.inference.hosting.models import Workload
from tests.unit.inference.fakes import FakePlatform

from . import exports, payloads
from .models import Model

NAMES = list(exports.parts())
PICTURES = ["cats_dogs", "sar_colorization", "template_image"]
TABLES = ["loan_default", "synth_tabular", "template_tabular"]

bounded = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="session")
def model(hosted: Mapping[str, Workload], platform: FakePlatform) -> Callable[[str], Model]:
    made: dict[str, Model] = {}

    def found(name: str) -> Model:
        if name not in made:
            made[name] = Model(hosted[name], platform.fake_registry.root / name / "1")
        return made[name]

    return found


@pytest.mark.parametrize("name", NAMES)
def test_any_json_is_answered_or_refused_with_a_sentence(name: str, model: Callable[[str], Model]) -> None:
    asked = model(name)

    @bounded
    @given(st.dictionaries(payloads.texts, payloads.anything, max_size=4) | payloads.mutated(asked.example))
    def holds(instance: dict[str, Any]) -> None:
        asked.said(instance)

    holds()


@pytest.mark.parametrize("name", TABLES)
def test_any_number_in_a_row_is_answered_or_refused_and_never_breaks_the_model(
    name: str, model: Callable[[str], Model]
) -> None:
    asked = model(name)

    @bounded
    @given(payloads.rows(asked.example))
    def holds(instance: dict[str, Any]) -> None:
        asked.said(instance)

    holds()


@pytest.mark.parametrize("name", PICTURES)
def test_any_file_is_answered_as_a_picture_or_refused(name: str, model: Callable[[str], Model]) -> None:
    asked = model(name)

    @bounded
    @given(payloads.files())
    def holds(data: bytes) -> None:
        as_bytes, as_text = asked.said({"image": data}), asked.said({"image": b64encode(data).decode()})
        assert as_bytes == as_text

    holds()
