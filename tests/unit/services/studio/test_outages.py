from functools import partial

import pytest
import streamlit as st

from headrace.errors import HeadraceError, NotFound, Rejected, Unavailable
from services.studio.main import sorry
from services.studio.outages import told

from .drawing import shown


def part(error: Exception) -> None:
    """A page of which one part fails."""
    with told("The registry"):
        st.write("before")
        raise error
    st.write("after")


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (
            Unavailable("MLflow did not answer within 3 s"),
            "warning",
            "The registry cannot be shown just now: MLflow did not answer within 3 s. It is asked for again.",
        ),
        (
            Unavailable("nothing answers; is it running?"),
            "warning",
            "The registry cannot be shown just now: nothing answers; is it running? It is asked for again.",
        ),
        (NotFound("there is no version 7"), "info", "The registry: there is no version 7"),
        (Rejected("loan_default is not served"), "error", "The registry: loan_default is not served"),
    ],
)
def test_what_fails_is_a_sentence_in_its_place_and_the_rest_of_the_page_goes_on(
    error: HeadraceError, kind: str, sentence: str
) -> None:
    page = shown(lambda: part(error))
    assert [each.value for each in getattr(page, kind)] == [sentence]
    assert [each.value for each in page.markdown] == ["before", "after"]


def test_a_fault_of_the_pages_own_is_not_taken_for_an_outage() -> None:
    with pytest.raises(AssertionError, match="score"):
        shown(lambda: part(KeyError("score")))


def test_of_a_fault_people_are_told_and_its_words_stay_in_the_log() -> None:
    page = shown(partial(sorry, KeyError("a secret")))
    (error,) = page.error
    assert error.value.startswith("This page failed (KeyError); the studio's log says how.")
    assert "secret" not in error.value
