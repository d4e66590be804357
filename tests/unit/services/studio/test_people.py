import getpass

import pytest

from headrace.settings import Settings, SettingsMissing
from services.studio import people, signing_in
from services.studio.people import Person, Unsafe
from services.studio.signing_in import PERSON
from tests.unit.services.studio.iap import AUDIENCE

CLOUD = {"project": "acme", "region": "europe-west1"}
LAPTOP = Settings(**CLOUD, pubsub_endpoint="127.0.0.1:8085")


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ada@example.com", "operator"),
        ("Ada@Example.COM", "operator"),
        ("bo@example.org", "operator"),
        ("cy@example.com", "viewer"),
        ("ada@example.com.evil.example", "viewer"),
        ("ada@sub.example.org", "viewer"),
    ],
)
def test_an_operator_is_named_by_address_or_domain_and_everybody_else_looks_only(email: str, role: str) -> None:
    where = Settings(**CLOUD, iap_audience=AUDIENCE, operators=" ada@example.com,@Example.org , ")
    person = signing_in.person(where, {PERSON: email})
    assert (person.name, person.role, person.may_decide) == (email, role, role == "operator")


def test_where_nobody_is_named_everybody_looks_only() -> None:
    assert people.operators("") == frozenset()
    assert not people.known("ada@example.com", people.operators("")).may_decide


@pytest.mark.parametrize("text", ["user:ada@example.com", "ada at example.com", "everybody", "a@b@example.com", "*"])
def test_what_is_no_address_and_no_domain_is_refused_by_name(text: str) -> None:
    with pytest.raises(Unsafe, match=r"HEADRACE_OPERATORS names .*; it takes e-mail addresses and domains"):
        signing_in.way(Settings(**CLOUD, iap_audience=AUDIENCE, operators=f"ada@example.com,{text}"))


def test_on_a_laptop_whoever_started_the_stack_decides() -> None:
    assert signing_in.way(LAPTOP) == "laptop"
    assert signing_in.person(LAPTOP, {PERSON: "root@example.com"}) == Person(getpass.getuser(), "operator")


def test_a_laptops_studio_is_not_offered_to_the_network() -> None:
    signing_in.check_address(LAPTOP, "127.0.0.1")
    signing_in.check_address(LAPTOP, "localhost")
    with pytest.raises(Unsafe, match=r"decides as .*, and 0\.0\.0\.0 is no loopback address; leave out --host"):
        signing_in.check_address(LAPTOP, "0.0.0.0")


def test_in_the_cloud_the_studio_does_not_start_without_a_way_to_sign_in() -> None:
    with pytest.raises(SettingsMissing, match=r"set HEADRACE_IAP_AUDIENCE to .*, or HEADRACE_UNSIGNED_VIEWERS=yes"):
        signing_in.check_address(Settings(**CLOUD), "0.0.0.0")
    with pytest.raises(SettingsMissing):
        signing_in.way(Settings(**CLOUD, pubsub_endpoint="pubsub.example.com:8085"))


def test_where_cloud_run_alone_lets_people_in_everybody_looks_only() -> None:
    where = Settings(**CLOUD, unsigned_viewers="yes", operators="ada@example.com")
    signing_in.check_address(where, "0.0.0.0")
    assert signing_in.person(where, {PERSON: "ada@example.com"}) == Person("somebody", "viewer")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"unsigned_viewers": "true"}, "is 'true'; leave it out, or say 'yes'"),
        ({"unsigned_viewers": "yes", "iap_audience": AUDIENCE}, "contradict each other"),
    ],
)
def test_settings_that_contradict_each_other_or_say_nothing_are_refused(more: dict[str, str], words: str) -> None:
    with pytest.raises(Unsafe, match=words):
        signing_in.way(Settings(**CLOUD, **more))
