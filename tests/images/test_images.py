"""Every image, really built on a plain Debian: its size, its rights, and what it answers when it is started."""

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import requests
import torch

from headrace.delivery.images import images
from headrace.learning import export_onnx
from tests.deploy.servers import DEPLOYABLE, Servers
from tests.images.buildah import BASE, REVISION, ROOT, Builder
from tests.images.container import Container, megabytes, stop

pytestmark = pytest.mark.slow

BUDGETS_MB = {
    "trainer": 250,
    "training": 2500,
    "evaluator": 350,
    "inference": 350,
    "drift": 1100,
    "batch-inference": 450,
    "pull": 350,
    "mlflow": 1200,
    "studio": 600,
}
"""On top of the base. PyTorch is the build for processors here, which is the smallest."""

TERMINATED = 128 + 15
ENDED = (0, TERMINATED)
UNKNOWN = {
    "ce-id": "1",
    "ce-source": "//somewhere",
    "ce-specversion": "1.0",
    "ce-type": "headrace.unknown.v1.happened",
    "content-type": "application/json",
    "connection": "close",  # or gunicorn waits for a next request on it before it ends
}
HEAVY = ("mlflow", "torch", "xgboost", "sklearn", "evidently", "pandas")
RUN = (
    "import numpy, pathlib; from headrace.models.session import Session; "
    "print(*Session(pathlib.Path('/export'), 2).run({'x': numpy.array([[1.5], [2.0]], 'f')})['y'][:, 0])"
)
THREADS = (
    "import numpy, os; threads = lambda: len(os.listdir('/proc/self/task')); before = threads(); "
    "import headrace.models.session; print(threads() - before)"
)
LIBRARIES_OF_THE_GPU = (
    "import onnxruntime as o, pathlib as p, re, subprocess as s; "
    "library = p.Path(o.__file__).with_name('capi') / 'libonnxruntime_providers_cuda.so'; "
    "listed = s.run(['/lib64/ld-linux-x86-64.so.2', '--list', library], capture_output=True, text=True); "
    "print(o.get_available_providers(), re.findall(r'(\\S+) => not found', listed.stdout + listed.stderr), "
    "re.findall(r'libcudart\\.so\\.(\\d+) =>', listed.stdout), sep='\\n')"
)
PAGES = (
    "from headrace.costs import environment, plan, usage; "
    "from services.studio.loop.reads import TOPOLOGY; "
    "from services.studio.pages import colorize, data, drift, health, loop, models, predict; "
    "from services.studio.reading import promises, spending; "
    "planned = plan.load(spending.ROOT, 'dev', usage.LIGHT); "
    "print(planned.environment.name, TOPOLOGY.is_file(), (spending.ROOT / promises.FILE).is_file(), "
    "environment.names(spending.ROOT)[-1])"
)
PARQUET = (
    "import io, pyarrow as a, pyarrow.parquet as p; f = io.BytesIO(); p.write_table(a.table({'x': ['a', None]}), f); "
    "t = p.ParquetFile(f, read_dictionary=['x']).read(use_threads=False); t.validate(full=True); print(t.num_rows)"
)
EVERYTHING_THAT_TRAINS = (
    "import cv2, lightning_fabric, simplejpeg, torch.distributed.run, torch; from headrace import loading; "
    "print(torch.__version__, *[name for name in loading.names() if loading.training(name)])"
)


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("container", names, indirect=True)


every_image = of(*BUDGETS_MB)


def test_every_image_of_the_topology_has_a_budget() -> None:
    assert {image.name for image in images(ROOT)} == set(BUDGETS_MB)


@every_image
def test_it_keeps_to_its_budget(container: Container, builder: Builder) -> None:
    with builder.mounted(BASE) as base:
        on_top = container.megabytes() - megabytes(base)
    budget = BUDGETS_MB[container.name]
    print(f"{container.name}: {on_top:.0f} MB on top of the base, of {budget}")
    assert on_top < budget


@every_image
def test_it_says_what_it_is_and_what_is_in_it(container: Container) -> None:
    labels = container.says.labels
    assert labels["org.opencontainers.image.title"] == f"headrace {container.name.replace('-', '_')}"
    assert labels["org.opencontainers.image.revision"] == REVISION
    bill = json.loads((container.root / "usr/share/sbom/headrace.cdx.json").read_text())
    listed = {f"{part['name']}=={part['version']}".lower() for part in bill["components"]}
    printed = "import importlib.metadata as m; print(*{f'{d.name}=={d.version}'.lower() for d in m.distributions()})"
    found = set(container.ask("python", "-c", printed).split())
    assert found - listed == {"headrace==0.1.0"}
    assert bill["metadata"]["component"]["name"] == "headrace"


@every_image
def test_it_runs_without_rights_and_without_tools_to_get_more(container: Container) -> None:
    assert container.says.user == "10001:10001"
    tools = "import os, shutil; print(os.getuid(), *filter(shutil.which, ['gcc', 'cc', 'make', 'pip', 'curl', 'git']))"
    assert container.ask("python", "-c", tools).split() == ["10001"]
    may = "import os; print([path for path in ('/', '/app', '/opt/venv', '/usr') if os.access(path, os.W_OK)])"
    assert container.ask("python", "-c", may).strip() == "[]"


@of("trainer", "evaluator")
def test_a_service_of_the_bus_acknowledges_an_event_it_does_not_know_and_ends_when_told(
    container: Container, servers: Servers
) -> None:
    servers.start(["storage"])
    port = int(servers.port(DEPLOYABLE))
    environment = {**servers.environment(), "PORT": str(port)}
    with container.serving(port, environment=environment) as process:
        answer = requests.post(servers.url(DEPLOYABLE), data="{}", headers=UNKNOWN, timeout=60)
        container.ask(*container.says.check, environment={"PORT": str(port)})
        assert stop(process) in ENDED
    assert answer.status_code == 200


@of("inference")
def test_the_inference_service_is_healthy_and_ends_when_told(container: Container, servers: Servers) -> None:
    port = int(servers.port(DEPLOYABLE))
    with container.serving(port, "--port", str(port), environment=servers.environment()) as process:
        assert requests.get(f"{servers.url(DEPLOYABLE)}/health", timeout=30).status_code == 200
        container.ask(*_at(port, container.says.check))
        assert stop(process) in ENDED


@of("inference")
def test_the_inference_service_runs_a_model_reads_parquet_and_holds_nothing_that_trains(container: Container) -> None:
    _twice(container.root / "export")
    assert container.ask("python", "-c", RUN).split() == ["3.0", "4.0"]
    assert container.ask("python", "-c", PARQUET).strip() == "2"
    found = container.ask("python", "-c", f"import importlib.util as u; print([m for m in {HEAVY} if u.find_spec(m)])")
    assert found.strip() == "[]"


@of("training", "evaluator", "inference", "drift", "batch-inference")
def test_onnx_runtime_has_no_thread_that_reports_to_its_maker(container: Container) -> None:
    assert container.ask("python", "-c", THREADS).strip() == "0"


def test_the_inference_image_for_gpus_finds_all_that_it_needs_but_a_gpu_and_then_uses_processors(
    builder: Builder,
) -> None:
    plain = next(image for image in images(ROOT) if image.name == "inference")
    with builder.container(replace(plain, name="inference-gpu", gpu=True)) as container, builder.mounted(BASE) as base:
        print(f"inference-gpu: {container.megabytes() - megabytes(base):.0f} MB on top of the base")
        _twice(container.root / "export")
        providers, missing, cuda = container.ask("python", "-c", LIBRARIES_OF_THE_GPU).splitlines()
        assert "CUDAExecutionProvider" in providers
        assert (missing, cuda) == ("[]", "['12']")  # 13 would leave a GPU unused whose driver is Cloud Run's
        assert container.ask("python", "-c", RUN).split()[-2:] == ["3.0", "4.0"]


@of("mlflow")
def test_mlflow_is_healthy_and_ends_when_told(container: Container, servers: Servers) -> None:
    port = int(servers.port(DEPLOYABLE))
    given = ["--port", str(port), "--database", "sqlite:////tmp/mlflow.db", "--hook", "https://localhost:9/"]
    with container.serving(port, *given, environment=servers.environment()) as process:
        assert requests.get(f"{servers.url(DEPLOYABLE)}/health", timeout=30).status_code == 200
        container.ask(*_at(port, container.says.check))
        assert stop(process) in ENDED


@of("studio")
def test_the_studio_is_healthy_asks_who_looks_and_ends_when_told(container: Container, servers: Servers) -> None:
    port = int(servers.port(DEPLOYABLE))
    signed = {"HEADRACE_PROJECT": "p", "HEADRACE_REGION": "r", "HEADRACE_MLFLOW_URL": "https://localhost:9"}
    signed |= {
        "HEADRACE_INFERENCE_URL": "https://localhost:9",
        "HEADRACE_IAP_AUDIENCE": "/projects/1/locations/r/services/s",
    }
    with container.serving(port, "--port", str(port), environment=signed) as process:
        assert requests.get(f"{servers.url(DEPLOYABLE)}/_stcore/health", timeout=30).text == "ok"
        assert requests.get(servers.url(DEPLOYABLE), timeout=30).status_code == 401
        container.ask(*_at(port, container.says.check))
        assert stop(process) in ENDED


@of("studio")
def test_the_studio_has_all_that_its_pages_draw_from(container: Container) -> None:
    assert container.ask("python", "-c", PAGES).split() == ["dev", "True", "True", "prod"]


@of("drift", "batch-inference", "pull", "training")
def test_a_job_says_what_it_is_told_with(container: Container) -> None:
    assert "usage: python -m services." in container.ask(*container.says.command, "--help")


@of("training")
def test_a_job_ends_when_told_whatever_it_is_doing(container: Container, servers: Servers) -> None:
    order = ["--workload", "loan_default", "--dataset", "0", "--candidate", "logistic", "--job", "j"]
    with container.running(*order, environment=servers.environment()) as process:  # no registry: it asks and asks
        time.sleep(5)
        assert process.poll() is None
        assert stop(process) == TERMINATED


@of("training")
def test_the_training_job_holds_torchrun_and_all_that_workloads_train_with(container: Container) -> None:
    torch, *workloads = container.ask("python", "-c", EVERYTHING_THAT_TRAINS).split()
    assert torch == "2.13.0+cpu"
    assert {"cats_dogs", "loan_default", "sar_colorization", "sentiment", "synth_tabular"} <= set(workloads)
    assert "--nproc-per-node" in container.ask("python", "-m", "torch.distributed.run", "--help")


@of("training")
def test_the_training_job_can_prove_to_mlflow_who_calls(container: Container) -> None:
    asked = "from mlflow.tracking.request_auth.registry import fetch_auth; print(type(fetch_auth('headrace')).__name__)"
    assert container.ask("python", "-c", asked).strip() == "Identity"


class Twice(torch.nn.Module):
    """A network that adds its input to itself."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + x


def _twice(folder: Path) -> None:
    """What a training job would write of it, which each image's ONNX Runtime has to open."""
    folder.mkdir()
    export_onnx(Twice(), {"x": np.zeros((2, 1), np.float32)}, ["y"], folder / "model.onnx")


def _at(port: int, check: Iterable[str]) -> list[str]:
    """The image's health check, of another port than its own: this machine's are shared."""
    return [word.replace("8080", str(port)) for word in check]
