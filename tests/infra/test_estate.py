import difflib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infra.estate import ENVIRONMENTS, Resource, all_applied, planned
from tests.infra.expected import HERE
from tests.infra.expected.listing import listing
from tests.infra.grants import PUBLIC, Grant, complaints, granted, grants, read_reasons
from tests.infra.mounts import gives_value, lets_read, mounted
from tests.infra.terraform import ROOT, installed, standing_in

Made = Mapping[str, list[Resource]]

pytestmark = pytest.mark.skipif(
    not installed(), reason="there is no terraform on this machine, which works out what is made"
)


@pytest.fixture(scope="module")
def made() -> Made:
    return all_applied()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_holds_what_is_expected_of_it(made: Made, environment: str) -> None:
    path = HERE / f"{environment}.txt"
    now = listing(environment, made)
    difference = difflib.unified_diff(
        path.read_text().splitlines(), now.splitlines(), "expected", "now", lineterm="", n=0
    )
    assert now == path.read_text(), "\n".join(["`make infra-expected` writes it anew if this is meant:", *difference])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_grant_has_its_reason(made: Made, environment: str) -> None:
    reasons = read_reasons()
    assert [message for grant in grants(made[environment]) for message in complaints(grant, reasons)] == []


def test_every_reason_is_one_for_a_grant_that_there_is(made: Made) -> None:
    there = {(grant.role, grant.kind) for resources in made.values() for grant in grants(resources)}
    written = {(role, kind) for role, kinds in read_reasons().items() for kind in kinds}
    assert written == there


def test_nobody_holds_a_role_on_the_whole_project_whom_its_reason_does_not_name(made: Made) -> None:
    held = {(each.role, each.member) for every in made.values() for each in grants(every) if each.kind == "project"}
    named = {
        (role, member)
        for role, kinds in read_reasons().items()
        for member in kinds.get("project", {}).get("held_by", ())
    }
    assert named == held


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_grants_add_to_what_others_granted_and_no_account_has_a_key(made: Made, environment: str) -> None:
    types = {resource.type for resource in made[environment]}
    assert not {each for each in types if each.endswith(("_iam_binding", "_iam_policy"))}
    assert "google_service_account_key" not in types


@pytest.mark.parametrize("environment", ["dev", "prod", "options"])
def test_what_is_mounted_is_there_and_may_be_read_before_a_container_starts(made: Made, environment: str) -> None:
    (sleep,) = (each for each in made[environment] if each.address == "time_sleep.grants")
    mounts = [mount for each in made[environment] for mount in mounted(each)]
    assert {mount.kind for mount in mounts} >= {"secret_manager_secret"}
    for mount in mounts:
        granting = {each.block for each in made[environment] if lets_read(each, mount)}
        assert granting, f"nothing lets {mount.account} read {mount.name}"
        assert granting <= sleep.needs, f"nobody waits until {mount.account} may read {mount.name}"
        written = {each.block for each in made[environment] if gives_value(each, mount)}
        assert written | {sleep.block} <= mount.by.needs, f"{mount.by.address} mounts {mount.name} too early"


def test_a_grant_that_comes_later_is_waited_for_too(made: Made) -> None:
    first, later = (
        next(each.values["triggers"] for each in made[environment] if each.address == "time_sleep.grants")
        for environment in ("prod", "options")
    )
    assert first != later


def test_what_cannot_be_deleted_with_its_instance_goes_with_it(made: Made) -> None:
    left = {each.type for each in made["prod"] if each.values.get("deletion_policy") == "ABANDON"}
    assert left == {"google_service_networking_connection", "google_sql_database", "google_sql_user"}


def test_no_door_stands_open_unless_a_variable_opens_it(tmp_path: Path) -> None:
    with standing_in(ROOT / "infra", tmp_path) as terraform:
        closed = planned(terraform, *ENVIRONMENTS["prod"][1], "-var=open_registry_hook=false")
        opened = planned(terraform, *ENVIRONMENTS["prod"][1], '-var=callers=["allUsers"]')
    assert _open(closed) == set()
    assert {name for name in _open(opened) if not name.startswith("inference-")} == {"registry-hook"}


def test_a_secret_that_the_topology_does_not_have_is_named(tmp_path: Path) -> None:
    with standing_in(ROOT / "infra", tmp_path) as terraform, pytest.raises(RuntimeError, match="HEADRACE_NOTIFY_UR,"):
        planned(terraform, *ENVIRONMENTS["prod"][1], '-var=secrets=["HEADRACE_NOTIFY_UR", "HEADRACE_NOTIFY_URL"]')


def _open(resources: list[Resource]) -> set[str]:
    members = [each for each in resources if each.type.endswith("_iam_member") and each.values.get("member") in PUBLIC]
    return {granted(each).on for each in members}


@pytest.mark.parametrize(
    ("grant", "complaint"),
    [
        (Grant("headrace-pull", "roles/editor", "project", "my-project"), "which is for people who explore"),
        (Grant("headrace-pull", "roles/pubsub.admin", "pubsub_topic", "feedback"), "gives no reason"),
        (Grant("headrace-pull", "roles/batch.jobsEditor", "project", "my-project"), "knows only headrace-reconcile"),
    ],
)
def test_a_grant_too_many_is_told_of(grant: Grant, complaint: str) -> None:
    assert complaint in " ".join(complaints(grant, read_reasons()))


def test_a_role_that_could_be_granted_on_one_thing_needs_a_word_why_it_is_on_the_project() -> None:
    reasons = {"roles/storage.objectViewer": {"project": {"because": "it is easy", "held_by": ["headrace-pull"]}}}
    grant = Grant("headrace-pull", "roles/storage.objectViewer", "project", "my-project")
    (complaint,) = complaints(grant, reasons)
    assert "can be granted on one thing" in complaint
