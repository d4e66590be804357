"""What Terraform works out of the topology, held against what the code works out of it."""

import inspect
import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from headrace import catalogue, loading, topology
from headrace.options.serving import Instance
from headrace.settings import VARIABLES
from headrace.sql import pulling
from tests.contract.test_topology import LOOP
from tests.infra import terraform

MODULE = terraform.ROOT / "infra/modules/wiring"
PROJECT, NUMBER, REGION = "a-project", "123456789", "europe-west1"
LONGEST_SERVICE, LONGEST_ACCOUNT, SHORTEST_ACCOUNT = 49, 30, 6

pytestmark = pytest.mark.skipif(not terraform.installed(), reason="there is no terraform on this machine")


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The module's outputs on the topology and the workloads as they are."""
    folder = tmp_path_factory.mktemp("wiring")
    root = terraform.ROOT
    (folder / "main.tf").write_text(
        f"""
        module "wiring" {{
          source         = "{MODULE}"
          topology       = yamldecode(file("{root}/infra/topology.yaml"))
          workloads      = {{ for file in fileset("{root}/shared/workloads", "*/workload.yaml") :
                             dirname(file) => yamldecode(file("{root}/shared/workloads/${{file}}")) }}
          project        = "{PROJECT}"
          number         = "{NUMBER}"
          region         = "{REGION}"
          revision       = "abc1234"
          made_secrets   = ["HEADRACE_WEBHOOK_SECRET", "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"]
          studies_secret = "headrace-studies-url"
          operators      = ["user:somebody@example.com"]
        }}
        output "wired" {{ value = module.wiring }}
        """
    )
    for arguments in (["init", "-input=false"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", *arguments], cwd=folder, check=True, capture_output=True)
    found = subprocess.check_output(["terraform", "output", "-json", "wired"], cwd=folder)
    return dict(json.loads(found))


def test_topics_are_those_of_the_events_that_somebody_tells_or_hears_and_of_the_streams(
    wired: Mapping[str, Any],
) -> None:
    assert set(wired["topics"]) == set(LOOP.topics())


def test_every_subscription_of_the_local_stack_is_there_and_one_a_workload_where_each_has_its_service(
    wired: Mapping[str, Any],
) -> None:
    expected = {}
    for each in LOOP.subscriptions():
        workloads = loading.names() if each.deployable.per_workload else ("",)
        for workload in workloads:
            service = "-".join(filter(None, [each.listener.replace("_", "-"), workload.replace("_", "-")]))
            expected[f"{service}-{each.topic}"] = (each.topic, service, workload)
    found = {name: (each["topic"], each["listener"]) for name, each in wired["subscriptions"].items()}
    assert found == {name: (topic, service) for name, (topic, service, _) in expected.items()}
    for name, (_, _, workload) in expected.items():
        assert wired["subscriptions"][name]["filter"] == (f'attributes.workload = "{workload}"' if workload else "")


def test_a_push_goes_to_the_path_that_the_deployable_listens_on(wired: Mapping[str, Any]) -> None:
    push = wired["subscriptions"]["inference-loan-default-model-promoted"]
    address = f"https://inference-loan-default-{NUMBER}.{REGION}.run.app"
    assert push["endpoint"] == f"{address}/events"
    assert wired["running"]["inference-loan-default"]["environment"]["HEADRACE_INFERENCE_URL"] == address


def test_topics_flow_into_the_audit_bucket_where_the_code_looks_for_them(wired: Mapping[str, Any]) -> None:
    assert wired["exports"] == {topic: topology.export_prefix(topic, LOOP.streams) for topic in wired["topics"]}


def test_every_variable_that_a_deployable_is_given_is_one_that_somebody_reads(wired: Mapping[str, Any]) -> None:
    known = {*VARIABLES.values(), *LOOP.secrets}
    for name, each in wired["running"].items():
        assert set(each["environment"]) | set(each["secrets"]) <= known, name


def test_who_submits_jobs_is_told_the_image_and_the_secret_with_the_database_of_studies(
    wired: Mapping[str, Any],
) -> None:
    for name, each in wired["running"].items():
        submits = LOOP.deployables[each["deployable"]].uses.get("batch") == "submit"
        assert ("HEADRACE_TRAINER_IMAGE" in each["environment"]) == submits, name
        if submits:
            secret = f"projects/{PROJECT}/secrets/headrace-studies-url/versions/latest"
            assert each["environment"]["HEADRACE_STUDIES_URL"] == secret


def test_machines_are_what_the_code_says_they_are_where_nobody_says_anything(wired: Mapping[str, Any]) -> None:
    for each in wired["running"].values():
        deployable, needs = LOOP.deployables[each["deployable"]], each["needs"]
        if deployable.per_workload:
            wanted = catalogue.describe(each["workload"]).serving.instance
            found = {"cpus": needs["cpus"], "memory_mib": needs["memory"], "gpu": needs["gpu"] or None}
            assert wanted == Instance(least=needs["least"], most=needs["most"], at_once=needs["at_once"], **found)
        else:
            machine = (needs["cpus"], needs["memory"], needs["seconds"], (needs["least"], needs["most"]))
            least, most = deployable.needs.instances
            assert machine == (
                deployable.needs.cpus,
                deployable.needs.memory_mib,
                deployable.needs.seconds,
                (least, most),
            )


def test_a_service_has_its_processor_between_requests_where_the_code_says_so(wired: Mapping[str, Any]) -> None:
    found = {name for name, each in wired["running"].items() if each["always_on"]}
    inference = {each["workload"]: name for name, each in wired["running"].items() if each["deployable"] == "inference"}
    wanted = {name for workload, name in inference.items() if catalogue.describe(workload).serving.instance.always_on}
    assert found == wanted | {"mlflow"}


def test_names_are_as_long_as_google_cloud_allows(wired: Mapping[str, Any]) -> None:
    assert max(map(len, wired["running"])) <= LONGEST_SERVICE
    lengths = [len(f"headrace-{account}") for account in wired["accounts"]]
    assert SHORTEST_ACCOUNT <= min(lengths) <= max(lengths) <= LONGEST_ACCOUNT


def test_each_deployable_may_publish_what_the_topology_lists_and_nothing_else(wired: Mapping[str, Any]) -> None:
    granted = {(each["account"], each["on"]) for each in wired["grants"].values() if each["kind"] == "topic"}
    wanted = {
        (name, topic)
        for name, each in LOOP.deployables.items()
        for topic in (*map(topology.topic_of, each.publishes), *each.writes)
    }
    assert granted == wanted | {("training", "training-jobs")}


def test_nobody_reaches_a_bucket_that_the_topology_does_not_name_for_it(wired: Mapping[str, Any]) -> None:
    granted = {(each["account"], each["on"]) for each in wired["grants"].values() if each["kind"] == "bucket"}
    assert granted == {
        (name, used) for name, each in LOOP.deployables.items() for used in each.uses if used in LOOP.buckets
    }


def test_a_job_is_started_with_arguments_by_those_that_the_topology_names_and_nobody_else(
    wired: Mapping[str, Any],
) -> None:
    role = "roles/run.jobsExecutorWithOverrides"
    granted = {(each["account"], each["kind"], each["on"]) for each in wired["grants"].values() if each["role"] == role}
    assert granted == {
        (name, "job", used.replace("_", "-"))
        for name, each in LOOP.deployables.items()
        for used, right in each.uses.items()
        if right == "run"
    }
    assert wired["running"]["batch-inference"]["needs"]["retries"] == LOOP.deployables["batch_inference"].needs.retries


def test_a_service_is_called_by_those_that_the_topology_names_and_who_pushes_ticks_or_passes_on(
    wired: Mapping[str, Any],
) -> None:
    called = {each["on"]: set[str]() for each in wired["grants"].values() if each["kind"] == "service"}
    for each in wired["grants"].values():
        if each["kind"] == "service":
            called[each["on"]].add(each["account"])
    for service, callers in called.items():
        deployable = wired["running"][service]["deployable"]
        named = {name for name, each in LOOP.deployables.items() if each.uses.get(deployable) == "call"}
        assert callers - {"pusher", "scheduler", "trigger"} == named, service


def test_what_is_only_looked_at_can_only_be_looked_at(wired: Mapping[str, Any]) -> None:
    roles = {
        "batch": "roles/batch.jobsViewer",
        "logs": "roles/logging.viewer",
        "dead_letters": "roles/pubsub.subscriber",
    }
    granted = {(each["account"], each["role"]) for each in wired["grants"].values() if each["role"] in roles.values()}
    assert granted == {
        (name, roles[used])
        for name, each in LOOP.deployables.items()
        for used, right in each.uses.items()
        if used in roles and right == "read"
    }


def test_the_studio_asks_each_workload_at_the_address_of_its_service(wired: Mapping[str, Any]) -> None:
    pattern = wired["running"]["studio"]["environment"]["HEADRACE_INFERENCE_URL"]
    for each in wired["running"].values():
        if each["deployable"] == "inference":
            assert pattern.format(workload=each["workload"].replace("_", "-")) == each["url"]


def test_the_pull_reaches_the_buckets_that_its_code_asks(wired: Mapping[str, Any]) -> None:
    asked = set(re.findall(r"\bplatform\.(\w+)", inspect.getsource(pulling))) & set(LOOP.buckets)
    grants = wired["grants"].values()
    assert {each["on"] for each in grants if (each["account"], each["kind"]) == ("pull", "bucket")} == asked


def test_an_operator_may_tell_of_whatever_a_person_decides(wired: Mapping[str, Any]) -> None:
    told = {each["on"] for each in wired["people"].values() if each["kind"] == "topic"}
    assert told == {topology.topic_of(event) for event in LOOP.deployables["studio"].publishes}


def test_there_is_every_secret_so_that_it_can_be_given_a_value_before_it_is_mounted(wired: Mapping[str, Any]) -> None:
    assert set(wired["secret_ids"]) == set(LOOP.secrets)
    assert not any("HEADRACE_NOTIFY_URL" in each["secrets"] for each in wired["running"].values())


def test_nothing_is_open_to_everybody_unless_somebody_says_so(wired: Mapping[str, Any]) -> None:
    members = {each["member"] for each in wired["people"].values()}
    assert members == {"user:somebody@example.com"}
