"""Who GitHub's tokens let in, and as which account: by the expressions that Google would evaluate."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from tests.infra.estate import Resource, applied
from tests.infra.terraform import installed

pytestmark = pytest.mark.skipif(
    not installed(), reason="there is no terraform on this machine, which works out what is made"
)

MAIN = {
    "repository": "owner/name",
    "repository_owner_id": "1234567",
    "ref": "refs/heads/main",
    "event_name": "push",
}


@pytest.fixture(scope="module")
def made() -> list[Resource]:
    return applied("bootstrap")


@pytest.fixture(scope="module")
def provider(made: list[Resource]) -> Resource:
    (found,) = (each for each in made if each.type == "google_iam_workload_identity_pool_provider")
    return found


@pytest.mark.parametrize(
    ("token", "may"),
    [
        ({}, "deploy"),
        ({"event_name": "workflow_dispatch"}, "deploy"),
        ({"event_name": "pull_request", "ref": "refs/pull/1/merge"}, "plan"),
        ({"event_name": "pull_request_target"}, "nothing"),
        ({"ref": "refs/heads/other"}, "nothing"),
        ({"event_name": "schedule"}, "nothing"),
    ],
    ids=["main", "by hand", "pull request", "pull_request_target", "another branch", "schedule"],
)
def test_what_a_workflow_may_do_follows_from_what_started_it(
    provider: Resource, token: Mapping[str, str], may: str
) -> None:
    assert evaluated(provider.values["attribute_mapping"]["attribute.may"], {**MAIN, **token}) == may


@pytest.mark.parametrize(
    ("token", "is_let_in"),
    [({}, True), ({"repository": "owner/other"}, False), ({"repository_owner_id": "7654321"}, False)],
    ids=["ours", "another repository", "another owner of the name"],
)
def test_one_repository_of_one_owner_is_let_in(provider: Resource, token: Mapping[str, str], is_let_in: bool) -> None:
    assert evaluated(provider.values["attribute_condition"], {**MAIN, **token}) is is_let_in


def test_each_right_leads_to_an_account_of_its_own(made: list[Resource]) -> None:
    bound = [each.values for each in made if each.address.startswith("google_service_account_iam_member.federated")]
    found = {
        values["member"].rpartition("/attribute.may/")[2]: values["service_account_id"]
        .rpartition("/")[2]
        .partition("@")[0]
        for values in bound
    }
    assert found == {"deploy": "headrace-deployer", "plan": "headrace-planner"}


def evaluated(expression: str, token: Mapping[str, str]) -> object:
    """The little of Google's expression language that stands there: ==, in, && and a chain of conditions."""
    condition, has_answers, rest = expression.partition(" ? ")
    value = eval(condition.replace("&&", "and"), {"assertion": SimpleNamespace(**token)})
    if not has_answers:
        return value
    yes, _, no = rest.partition(" : ")
    return evaluated(yes if value else no, token)
