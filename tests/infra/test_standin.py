import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.estate import ENVIRONMENTS
from tests.infra.schema.check import read_providers
from tests.infra.standin.serving import stand_ins
from tests.infra.terraform import INIT, ROOT, Terraform, installed, standing_in

pytestmark = pytest.mark.skipif(not installed(), reason="there is no terraform on this machine to ask the stand-ins")

REQUIRED = """
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
    google-beta = { source = "hashicorp/google-beta" }
    random = { source = "hashicorp/random" }
  }
}
provider "google" {
  project = "my-project"
}
"""
SERVICE = """
variable "ingress" {
  type    = string
  default = "INTERNAL"
}
resource "google_cloud_run_v2_service" "one" {
  provider = google-beta
  name     = "one"
  location = "europe-west1"
  ingress  = "INGRESS_TRAFFIC_${var.ingress}_ONLY"
  template {
    containers {
      image = "an image"
    }
  }
}
"""
SECRET = """
resource "google_service_account" "one" {
  account_id = "one"
}
resource "google_secret_manager_secret_iam_member" "one" {
  secret_id = google_secret_manager_secret.one.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.one.member
}
resource "google_secret_manager_secret" "one" {
  secret_id = "one"
  replication {
    user_managed {
      replicas {
        location = "europe-west1"
      }
    }
  }
}
ephemeral "random_password" "one" {
  length = 8
}
resource "google_secret_manager_secret_version" "one" {
  secret                 = google_secret_manager_secret.one.id
  secret_data_wo         = ephemeral.random_password.one.result
  secret_data_wo_version = 1
}
"""


@pytest.fixture
def terraform(tmp_path: Path) -> Iterator[Terraform]:
    (tmp_path / "main.tf").write_text(REQUIRED)
    with stand_ins(read_providers()) as environment:
        terraform = Terraform(tmp_path, environment)
        terraform.done(*INIT)
        yield terraform


def written(terraform: Terraform, text: str) -> Terraform:
    (terraform.folder / "written.tf").write_text(text)
    return terraform


@pytest.mark.parametrize("folder", ["infra", "infra/bootstrap", "infra/modules/wiring"])
def test_terraform_finds_every_root_and_module_valid(folder: str, tmp_path: Path) -> None:
    with standing_in(ROOT / folder, tmp_path) as terraform:
        assert "Success" in terraform.done("validate", "-no-color")


def test_the_module_that_reads_the_topology_passes_its_tests(tmp_path: Path) -> None:
    with standing_in(ROOT / "infra/modules/wiring", tmp_path) as terraform:
        assert ", 0 failed" in terraform.done("test", "-no-color")


@pytest.mark.parametrize("environment", ["dev", "prod", "options"])
def test_each_environment_passes_the_tests_of_the_whole_against_mocks(environment: str, tmp_path: Path) -> None:
    folder, variables = ENVIRONMENTS[environment]
    with standing_in(ROOT / folder, tmp_path) as terraform:
        assert ", 0 failed" in terraform.done("test", "-no-color", *variables)


def test_nothing_that_terraform_leaves_behind_is_in_the_repository() -> None:
    kept = subprocess.run(["git", "ls-files", "infra"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not [path for path in kept.split() if ".terraform" in path or ".tfstate" in path]


@pytest.mark.parametrize(
    ("sound", "faulty", "message"),
    [
        ("ingress  =", "ingres   =", 'Did you mean "ingress"?'),
        ('  name     = "one"', "", 'The argument "name" is required'),
        ("template {", "scaling = {}\n  template {", "Unsupported argument"),
        ('"an image"', '["an image"]', "string required"),
        ('"one" {', '"one" {\n  uri = "https://one"', "uri is answered by the provider and cannot be set"),
        ("  template {", "  template {}\n  template {", "No more than 1"),
        ("google_cloud_run_v2_service", "google_cloud_run_v3_service", "Invalid resource type"),
    ],
)
def test_terraform_refuses_what_the_schema_does_not_allow(
    terraform: Terraform, sound: str, faulty: str, message: str
) -> None:
    assert sound in SERVICE
    run = written(terraform, SERVICE.replace(sound, faulty, 1)).run("validate", "-no-color")
    assert run.returncode == 1
    assert message in " ".join(run.stderr.split())


def test_a_word_that_is_none_of_a_closed_list_is_refused_once_terraform_has_worked_it_out(terraform: Terraform) -> None:
    written(terraform, SERVICE)
    assert terraform.run("plan", "-input=false").returncode == 0
    run = terraform.run("plan", "-input=false", "-no-color", "-var=ingress=NOBODY")
    assert run.returncode == 1
    assert "which is none of INGRESS_TRAFFIC_ALL" in " ".join(run.stderr.split())


def test_what_is_applied_holds_readable_answers_and_no_secret(terraform: Terraform) -> None:
    written(terraform, SECRET).done("apply", "-auto-approve", "-input=false")
    resources = json.loads(terraform.done("show", "-json"))["values"]["root_module"]["resources"]
    values = {each["address"]: each["values"] for each in resources}
    member = values["google_secret_manager_secret_iam_member.one"]["member"]
    assert member == "serviceAccount:one@my-project.iam.gserviceaccount.com"
    assert values["google_secret_manager_secret_version.one"]["secret_data_wo"] is None
    assert "No changes" in terraform.done("plan", "-input=false", "-no-color")


def test_a_value_is_not_known_before_it_is_applied(terraform: Terraform) -> None:
    bad = 'resource "google_service_account" "two" {\n  for_each = toset([google_service_account.one.unique_id])\n'
    run = written(terraform, SECRET + bad + "  account_id = each.key\n}\n").run("plan", "-input=false", "-no-color")
    assert run.returncode == 1
    assert "Invalid for_each argument" in run.stderr


def test_mocks_and_assertions_of_terraform_test_work_and_can_fail(terraform: Terraform) -> None:
    assertion = (
        'mock_provider "google" {}\nrun "one" {\n  assert {\n    condition     = %s\n    error_message = "no"\n  }\n}\n'
    )
    written(terraform, SERVICE)
    path = terraform.folder / "main.tftest.hcl"
    path.write_text(assertion % 'google_cloud_run_v2_service.one.name == "one"')
    assert "1 passed, 0 failed" in terraform.done("test", "-no-color")
    path.write_text(assertion % 'google_cloud_run_v2_service.one.name == "two"')
    assert "0 passed, 1 failed" in terraform.run("test", "-no-color").stdout


def test_a_resource_that_was_there_before_can_be_taken_over(terraform: Terraform) -> None:
    taken = 'import {\n  to = google_service_account.one\n  id = "projects/my-project/serviceAccounts/one"\n}\n'
    done = written(terraform, SECRET + taken).done("apply", "-auto-approve", "-input=false", "-no-color")
    assert "1 imported" in done
