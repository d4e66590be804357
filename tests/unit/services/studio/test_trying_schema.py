from collections.abc import Iterator
from typing import Any

import pytest

from headrace.adapters.inference import Inference
from headrace.settings import Settings
from services.studio.reading.answers import answer
from services.studio.reading.blame import blamed
from services.studio.reading.schema import Asked, Form, form
from services.studio.reading.served import served
from tests.unit.services.studio.models import answering


@pytest.fixture(scope="module")
def inference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inference]:
    folder = tmp_path_factory.mktemp("asked")
    with answering(folder, "loan_default", "sar_colorization", tags={"headrace.precision": "int8"}) as client:
        yield Inference(Settings(inference_url=client.url))


def _field(found: Form, name: str) -> Asked:
    return next(field for field in found.fields if field.name == name)


def test_a_form_has_the_fields_the_bounds_and_the_choices_that_the_service_tells_and_starts_as_the_example(
    inference: Inference,
) -> None:
    found = form(inference.document("loan_default"), "loan_default")
    amount, grade, month = found.fields
    assert (amount.name, amount.kind, amount.least, amount.most, amount.start) == ("loan_amnt", "number", 0, 1e9, 12000)
    assert (grade.kind, grade.choices, grade.start) == ("text", tuple("ABCDEFG"), "C")
    assert (month.start, month.about, month.required) == ("Aug-2004", 'a month such as "Aug-1998"', False)
    assert found.versions == (1,)
    assert set(found.columns) == {"default_probability", "label"}
    assert (found.image, found.text) == ("", "")


def test_a_model_of_pictures_tells_its_options_with_their_usual_values(inference: Inference) -> None:
    found = form(inference.document("sar_colorization"), "sar_colorization")
    assert found.image == "image"
    assert [field.name for field in found.options] == ["overlap", "blend"]
    overlap, blend = _field(found, "overlap"), _field(found, "blend")
    assert (overlap.least, overlap.most, overlap.steps, overlap.start) == (0, 192, 1, 64)
    assert (blend.kind, blend.start) == ("boolean", True)


def test_before_the_first_version_there_are_no_fields(inference: Inference) -> None:
    found = form(inference.document("sentiment"), "sentiment")
    assert (found.fields, found.versions) == ((), ())
    assert served(inference.state("sentiment")).version is None


def test_what_is_served_says_which_version_since_when_and_what_it_computes_in(inference: Inference) -> None:
    found = served(inference.state("loan_default"))
    assert (found.version, found.alias, found.precision, found.trouble) == (1, "champion", "int8", "")
    assert found.since is not None
    assert (found.named(1), found.named(4)) == ("version 1, champion", "version 4")


def test_a_version_that_does_not_load_is_told_of() -> None:
    state: dict[str, Any] = {"name": "x", "version": 1, "alias": "champion", "loaded_at": None, "max_rows": 5}
    failed = served(state | {"last_failure": {"version": 2, "reason": "no model.onnx"}, "challenger": {"version": 3}})
    assert failed.trouble == "version 2 does not load: no model.onnx"
    assert failed.named(3) == "version 3, challenger"


_ORIGIN = {"model": "x", "version": 3, "alias": "champion", "request_id": "r"}


def test_of_one_probability_the_rest_to_one_is_shown_too() -> None:
    found = answer({"default_probability": 0.25, "label": "fully_paid", **_ORIGIN}, 0.1)
    assert found.likely == (("not default", 0.75), ("default", 0.25))
    assert (found.label, found.labels, found.version, found.others) == ("fully_paid", ("fully_paid",), 3, {})


def test_a_lone_probability_is_the_labels() -> None:
    found = answer({"label": "positive", "probability": 0.9, "read_words": 400, **_ORIGIN}, 0.1)
    assert [name for name, _ in found.likely] == ["positive", "not positive"]
    assert (found.labels, found.others) == (("positive",), {"read_words": 400})


def test_classes_come_with_the_likeliest_first() -> None:
    found = answer({"label": "dog", "cat_probability": 0.2, "dog_probability": 0.8, **_ORIGIN}, 0.1)
    assert found.likely == (("dog", 0.8), ("cat", 0.2))
    assert found.labels == ("dog", "cat")


def test_an_answer_that_is_no_class_is_shown_as_it_is() -> None:
    found = answer({"score": 3.5, **_ORIGIN}, 0.1)
    assert (found.label, found.likely, found.others, found.labels) == ("", (), {"score": 3.5}, ())


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("loan_amnt: 'x' is not a number from 0 to 1e+09", "loan_amnt"),
        ("row 3: term: 700 is not a number of months", "term"),
        ("'loan' is not a LendingClub column; is it 'loan_amnt'?", "loan_amnt"),
        ("the text is empty: there is no word or sign in it; send some", ""),
        ("term_extra is unknown", ""),
    ],
)
def test_the_field_that_a_refusal_names_is_to_blame(sentence: str, field: str) -> None:
    assert blamed(sentence, ["term", "loan_amnt"]) == field
