"""The steps of a delivery that ask Terraform, with the real terraform: its own backend, on the laptop's Cloud Storage.

Google's provider has a stand-in, which makes whatever it is told to, and gcloud a double.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
import requests

from headrace.delivery import teardown, terraform
from headrace.delivery.steps import run
from headrace.delivery.work import Delivery
from tests.contract.storage.conftest import Storage
from tests.infra.schema.check import read_providers
from tests.infra.schema.model import HERE
from tests.infra.standin.serving import stand_ins
from tests.infra.terraform import ROOT, installed, laid_out
from tests.unit.delivery.cloud import Cloud, cloud, delivery

DROPPED = {"host", "content-length", "transfer-encoding", "connection", "content-encoding", "accept-encoding"}

pytestmark = [
    pytest.mark.skipif(not installed(), reason="there is no terraform on this machine"),
]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Cloud Storage with the state's bucket in it, as terraform's client wants it."""
    server = Storage(tmp_path_factory.mktemp("storage"))
    server.start()
    buckets = f"{server.url}/storage/v1/b?project=my-project"
    requests.post(buckets, json={"name": "my-project-tfstate"}, timeout=9).raise_for_status()
    with ThreadingHTTPServer(("127.0.0.1", 0), _in_front_of(server.url)) as front:
        thread = threading.Thread(target=front.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{front.server_port}/storage/v1/"
        front.shutdown()
        thread.join()
    server.close()


def _in_front_of(url: str) -> type[BaseHTTPRequestHandler]:
    """Reads as terraform's client makes them, GET /BUCKET/OBJECT, in the words of the JSON API; all else as it is."""

    class Front(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path
            if not path.startswith(("/storage/", "/upload/")):
                bucket, _, name = path.strip("/").partition("/")
                path = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media"
            kept = {name: value for name, value in self.headers.items() if name.lower() not in DROPPED}
            answer = requests.request(self.command, url + path, data=self._body(), headers=kept, timeout=9)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in DROPPED:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    return Front


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """gcloud's double, and the terraform of this machine beside it."""
    with cloud(tmp_path_factory.mktemp("google")) as made:
        found = shutil.which("terraform")
        (made.folder / "bin" / "terraform").unlink()
        (made.folder / "bin" / "terraform").symlink_to(str(found))
        repository = made.folder / "repository"
        shutil.rmtree(repository)
        (laid_out(ROOT / "infra", repository) / "backend_override.tf").unlink()
        shutil.rmtree(repository / "shared")
        for name in ("functions", "shared", "pyproject.toml", "constraints.txt"):
            (repository / name).symlink_to(ROOT / name)
        made.project["enabled"] = [f"{name}.googleapis.com" for name in ("run", "iam")]
        yield made


@pytest.fixture(scope="module")
def environment(storage: str) -> Iterator[Mapping[str, str]]:
    with stand_ins(read_providers(HERE)) as variables:
        yield {**variables, "GOOGLE_STORAGE_CUSTOM_ENDPOINT": storage, "TF_CLI_CONFIG_FILE": "/dev/null"}


@pytest.fixture(scope="module")
def delivered(google: Cloud, environment: Mapping[str, str]) -> Delivery:
    """An empty project that was bootstrapped, and got its first revision."""
    made = delivery(google.folder, "one", None, environment)
    run(made, ["bootstrap", "plan", "apply"])
    return made


def test_the_services_of_the_first_apply_are_known_by_their_addresses(delivered: Delivery) -> None:
    outputs = terraform.main(delivered).outputs()
    assert outputs["mlflow_url"] == outputs["services"]["mlflow"]
    assert outputs["inference_urls"]["loan_default"] == outputs["services"]["inference-loan-default"]


def test_what_was_bootstrapped_and_applied_is_not_changed_by_a_repeat(
    delivered: Delivery, google: Cloud, environment: Mapping[str, str]
) -> None:
    said: list[str] = []
    run(delivery(google.folder, "one", said, environment), ["bootstrap", "plan"])
    assert [line for line in said if line.startswith("Plan:")] == []
    assert len([line for line in said if line.startswith("No changes.")]) == 2


def test_a_pull_request_is_shown_what_it_would_change_without_a_lock(
    delivered: Delivery, google: Cloud, environment: Mapping[str, str]
) -> None:
    run(delivery(google.folder, "two", None, environment), ["preview"])
    comment = (google.folder / "repository/build/plan.md").read_text()
    assert comment.startswith("Plan for `dev`\n\n```\n")
    assert "headrace/evaluator:one" in comment
    assert "headrace/evaluator:two" in comment


def test_a_destroy_leaves_data_where_the_next_apply_finds_them(
    delivered: Delivery, google: Cloud, environment: Mapping[str, str]
) -> None:
    root = terraform.main(delivered)
    assert teardown.deployed_revision(root.resources()) == "one"
    doomed = teardown.survey(delivered, with_data=False)
    teardown.destroy(delivered, doomed)
    left = {each["type"] for each in root.resources() if each["mode"] == "managed"}
    assert left == {each.kind for each in doomed.staying}
    assert "google_storage_bucket" in left
    assert "google_cloud_run_v2_service" not in left
    run(delivered, ["plan", "apply"])
    assert teardown.survey(delivered, with_data=False).staying == doomed.staying
    teardown.destroy(delivered, teardown.survey(delivered, with_data=True))
    assert [each for each in root.resources() if each["mode"] == "managed"] == []
