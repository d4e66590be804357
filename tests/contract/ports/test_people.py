"""People hear what they are told, or the teller hears that they did not."""

import pytest

from headrace.errors import Unavailable

from .conftest import PeopleUnderTest


def test_people_get_the_text_with_the_id_of_the_fact_it_is_about(people: PeopleUnderTest) -> None:
    people.port.tell("loan_default: version 2 is champion (100 % better). ü", "event-1")
    assert people.heard() == [("loan_default: version 2 is champion (100 % better). ü", "event-1")]


def test_a_message_that_nobody_took_raises(people: PeopleUnderTest) -> None:
    people.leave()
    with pytest.raises(Unavailable, match=r"503|nobody"):
        people.port.tell("hello?", "event-1")
    assert people.heard() == []
