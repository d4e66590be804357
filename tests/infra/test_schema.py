from pathlib import Path

import pytest

from tests.infra.schema.check import check, read_providers
from tests.infra.schema.derive import ROOT, used
from tests.infra.schema.model import HERE, KINDS

PROVIDERS = read_providers()
SOUND = """
resource "google_pubsub_topic" "each" {
  for_each = local.topics

  name                       = each.key
  message_retention_duration = "86400s"
  labels                     = { "a" = 1, b = "c" }

  dynamic "message_storage_policy" {
    for_each = [1]
    content {
      allowed_persistence_regions = [var.region]
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_pubsub_subscription" "push" {
  name                 = "push"
  topic                = google_pubsub_topic.each["a"].id
  ack_deadline_seconds = "60"

  push_config {
    push_endpoint = var.endpoint
    no_wrapper {
      write_metadata = true
    }
  }

  depends_on = [google_pubsub_topic.each]
}

resource "google_cloud_run_v2_service" "each" {
  provider = google-beta

  name     = "a"
  location = var.region
  ingress  = var.open ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  template {
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
    containers {
      image = "an image"
    }
    containers {
      image = <<-EOT
        another
      EOT
    }
  }
}

resource "terraform_data" "mark" {
  input = 1
}

ephemeral "random_password" "made" {
  length = 32
}

provider "google" {
  project = var.project
}
"""

FAULTS = [
    ("for_each = local.topics", "nam = 1", "each.nam: is not an argument there; did you mean name?"),
    ("name                       = each.key", "", "google_pubsub_topic.each: lacks name"),
    ('= "86400s"', '= ["86400s"]', "message_retention_duration: takes a string, not ['86400s']"),
    ('{ "a" = 1, b = "c" }', '"a"', 'labels: takes a map, not "a"'),
    ('labels                     = { "a" = 1, b = "c" }', 'labels { a = "b" }', "labels: is an argument, not a block"),
    ('"message_storage_policy"', '"message_storage"', "message_storage: is not a block there; did you mean message_st"),
    ("= [var.region]", '= "eu"', 'message_storage_policy.allowed_persistence_regions: takes a list, not "eu"'),
    ("allowed_persistence_regions", "allowed_regions", "message_storage_policy: lacks allowed_persistence_regions"),
    ('ack_deadline_seconds = "60"', 'ack_deadline_seconds = "1 m"', 'ack_deadline_seconds: takes a number, not "1 m"'),
    (
        "no_wrapper {\n      write_metadata = true\n    }",
        "no_wrapper = {}",
        "push_config.no_wrapper: is a block: write",
    ),
    ("no_wrapper {\n      write_metadata = true", "no_wrapper {", "push_config.no_wrapper: lacks write_metadata"),
    ("write_metadata = true", "write_metadata = 1", "write_metadata: takes a bool, not 1"),
    ("no_wrapper {", "no_wrapper {\n      write_metadata = true\n    }\n    no_wrapper {", "has 2 no_wrapper blocks"),
    ('"EXECUTION_ENVIRONMENT_GEN2"', '"GEN2"', 'execution_environment: is "GEN2", which is none of EXECUTION_ENVIRONM'),
    ("template {", "scaling {", "google_cloud_run_v2_service.each: lacks a template block"),
    ("  location = var.region\n", '  location = "a"\n  uri = "b"\n', "each.uri: is answered by the provider"),
    ('"google_pubsub_topic" "each"', '"google_pubsub_topics" "each"', "there is no resource google_pubsub_topics"),
    ('"google_pubsub_topic" "each"', '"aws_sqs_queue" "each"', "no schema of a provider called aws is kept"),
    ("  length = 32", "", "ephemeral.random_password.made: lacks length"),
    ("provider = google-beta", "provider = google", "there is no resource google_cloud_run_v2_service in the schema"),
    ("provider = google-beta", "provider = goggle.other", "no schema of a provider called goggle is kept"),
    ("  project = var.project", "  projekt = var.project", "provider google.projekt: is not an argument there"),
]


def test_what_the_providers_take_is_all_that_infra_writes() -> None:
    assert [str(fault) for fault in check(ROOT / "infra", PROVIDERS)] == []


def test_the_schemas_kept_are_of_what_infra_uses_and_of_nothing_else() -> None:
    for name, provider in PROVIDERS.items():
        kept = {(key, each) for kind, key in KINDS.items() for each in provider.types[kind]}
        assert kept == {(key, each) for key, names in used(ROOT / "infra", name).items() for each in names}, name


def test_each_schema_kept_stands_beside_its_licence() -> None:
    notice = (HERE / "NOTICE").read_text()
    assert "Mozilla Public License" in notice
    assert all(path.name in notice for path in HERE.glob("*-[0-9]*.json"))


def test_sound_files_have_no_fault(tmp_path: Path) -> None:
    (tmp_path / "sound.tf").write_text(SOUND)
    assert check(tmp_path, PROVIDERS) == []


@pytest.mark.parametrize(("sound", "faulty", "message"), FAULTS, ids=[message for _, _, message in FAULTS])
def test_a_fault_is_found(tmp_path: Path, sound: str, faulty: str, message: str) -> None:
    assert sound in SOUND
    (tmp_path / "faulty.tf").write_text(SOUND.replace(sound, faulty, 1))
    assert message in "\n".join(map(str, check(tmp_path, PROVIDERS)))


def test_a_fault_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "modules/deep/faulty.tf"
    path.parent.mkdir(parents=True)
    path.write_text(SOUND.replace('"86400s"', "[]"))
    (fault,) = check(tmp_path, PROVIDERS)
    line = 1 + path.read_text().splitlines().index("  message_retention_duration = []")
    assert str(fault).startswith(f"{path}:{line}: google_pubsub_topic.each.message_retention_duration: ")


def test_what_is_not_terraform_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broken.tf").write_text('resource "google_pubsub_topic" {{')
    with pytest.raises(ValueError, match=r"broken\.tf is not Terraform"):
        check(tmp_path, PROVIDERS)
