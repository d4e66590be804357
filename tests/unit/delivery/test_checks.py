"""What stops a delivery early is said in a sentence with the way out."""

import re
from typing import Any

import pytest

from headrace.delivery import apis
from headrace.delivery.advice import way_out
from headrace.delivery.commands import CommandFailed
from headrace.delivery.scanning import Vulnerable
from headrace.delivery.steps import chosen, run
from headrace.delivery.target import commit, target
from headrace.errors import Rejected
from tests.unit.delivery.cloud import DEPLOYER, ROOT, Cloud

FIXABLE = {
    "noteName": "projects/goog-vulnz/notes/CVE-2026-1",
    "vulnerability": {
        "effectiveSeverity": "CRITICAL",
        "fixAvailable": True,
        "packageIssue": [{"affectedPackage": "openssl", "fixAvailable": True}],
        "shortDescription": "CVE-2026-1",
    },
}


def test_a_missing_tool_is_named_with_where_to_get_it(google: Cloud) -> None:
    (google.folder / "bin" / "terraform").unlink()
    with pytest.raises(Rejected, match=r"install terraform \(https://developer.hashicorp.com"):
        run(google.delivery(), ["preflight"])


def test_a_tool_that_goes_missing_later_is_named_too(google: Cloud) -> None:
    delivery = google.delivery()
    (google.folder / "bin" / "terraform").unlink()
    with pytest.raises(CommandFailed, match="terraform is not on this machine; https://developer"):
        run(delivery, ["plan"])


def test_nobody_logged_in_is_told_to_log_in(google: Cloud) -> None:
    google.project["account"] = ""
    with pytest.raises(Rejected, match="gcloud auth login"):
        run(google.delivery(), ["preflight"])


def test_a_project_without_billing_gets_the_page_that_links_it(google: Cloud) -> None:
    google.project["billing"] = False
    with pytest.raises(Rejected, match=r"linkedaccount\?project=my-project"):
        run(google.delivery(), ["preflight"])


def test_an_unknown_project_is_named(google: Cloud) -> None:
    google.break_off(
        "projects describe", "ERROR: (gcloud.projects.describe) [ada@example.com] does not have permission"
    )
    with pytest.raises(Rejected, match=r"ada@example.com sees no project my-project"):
        run(google.delivery(), ["preflight"])


def test_only_apis_that_are_off_are_switched_on(google: Cloud) -> None:
    google.project["enabled"] = list(apis.FIRST[1:])
    run(google.delivery(), ["preflight", "preflight"])
    switched = [words for words in google.commands("gcloud") if words[1:3] == ["services", "enable"]]
    assert switched == [["gcloud", "services", "enable", apis.FIRST[0], "--project=my-project"]]


def test_what_terraform_itself_asks_is_among_all_that_is_needed() -> None:
    assert set(apis.FIRST) < set(apis.needed(ROOT))


def test_a_person_logs_in_once_for_gcloud_and_terraform(google: Cloud) -> None:
    account = google.delivery().account
    assert account.for_terraform() == {"GOOGLE_OAUTH_ACCESS_TOKEN": "a-access-token"}


def test_a_service_account_signs_for_the_audience_and_needs_no_token_for_terraform(google: Cloud) -> None:
    google.project["account"] = DEPLOYER
    account = google.delivery().account
    assert account.identity_token("https://evaluator.example") == "a-identity-token"
    assert "--audiences=https://evaluator.example" in google.told[-1]
    assert account.for_terraform() == {}


def test_an_image_with_a_grave_vulnerability_is_not_pushed(google: Cloud) -> None:
    google.project["vulnerabilities"] = {"evaluator": [FIXABLE]}
    with pytest.raises(Vulnerable, match="evaluator: CVE-2026-1 in openssl"):
        run(google.delivery(), ["build", "scan", "push"])
    assert [words for words in google.commands("docker") if words[1] == "push"] == []


@pytest.mark.parametrize("change", [{"fixAvailable": False}, {"effectiveSeverity": "MEDIUM"}], ids=["no fix", "medium"])
def test_what_the_policy_lets_through_is_shown_and_pushed(google: Cloud, change: dict[str, Any]) -> None:
    found = {**FIXABLE, "vulnerability": {**FIXABLE["vulnerability"], **change}}  # type: ignore[dict-item]
    google.project["vulnerabilities"] = {"evaluator": [found]}
    said: list[str] = []
    run(google.delivery(said=said), ["scan", "push"])
    assert any(line.startswith("evaluator: 1 ") for line in said)


def test_a_bucket_that_somebody_else_owns_is_not_made(google: Cloud) -> None:
    google.break_off("buckets describe", "ERROR: 403 ada@example.com does not have storage.buckets.get access")
    with pytest.raises(Rejected, match="another project may have it"):
        run(google.delivery(), ["bootstrap"])
    assert google.project["buckets"] == []


def test_images_are_named_by_the_commit(google: Cloud) -> None:
    assert commit(google.delivery().commands) == "0123456789abcdef" * 2 + "01234567"


def test_changed_files_are_not_deployed_under_a_commit_that_lacks_them(google: Cloud) -> None:
    google.project["changed"] = " M README.md"
    with pytest.raises(Rejected, match=r"commit them, or .* --revision"):
        commit(google.delivery().commands)


@pytest.mark.parametrize(
    ("project", "environment", "revision", "said"),
    [
        ("My Project", "dev", "one", "no project's id"),
        ("my-project", "moon", "one", "one of dev, prod"),
        ("my-project", "dev", "a b", "image's tag"),
    ],
    ids=["project", "environment", "revision"],
)
def test_what_cannot_be_a_target_is_said(project: str, environment: str, revision: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        target(ROOT, project, "europe-west1", environment, revision)


def test_an_unknown_step_is_answered_with_those_there_are() -> None:
    with pytest.raises(Rejected, match="there is no step fly; there are preflight, bootstrap"):
        chosen(["fly"], "", [])


def test_a_delivery_goes_on_from_the_step_that_failed_without_those_left_out() -> None:
    assert chosen([], "plan", ["smoke"]) == ("plan", "apply", "stage", "shift")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "Start Docker"),
        ("ERROR: You do not currently have an active account selected.", "gcloud auth login"),
        ("│ Error: Error acquiring the state lock", "gcloud storage rm"),
        ("Cloud Run Admin API has not been used in project 1 before or it is disabled.", "--step bootstrap"),
        ("To install it run: sudo apt-get install google-cloud-cli-local-extract", "local-extract"),
        ("One or more users named in the policy do not belong to a permitted customer.", "open_registry_hook = false"),
        (
            "violates constraint constraints/iam.allowedPolicyMemberDomains, PERMISSION_DENIED",
            "open_registry_hook = false",
        ),
        ("Error: The subnetwork resource 'headrace' is already being used by 'serverless-ipv4-1'", "two hours"),
        ("Error 400: The network resource, resourceInUseByAnotherResource", "two hours"),
        ("fatal: not a git repository (or any of the parent directories): .git", "--revision"),
        ("no such thing", "^$"),
    ],
    ids=[
        "docker",
        "login",
        "lock",
        "api",
        "scanner",
        "domain",
        "constraint",
        "subnetwork",
        "network",
        "git",
        "unknown",
    ],
)
def test_what_a_tool_says_gets_its_way_out(said: str, advice: str) -> None:
    assert re.search(advice, way_out(said))
