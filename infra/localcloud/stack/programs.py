"""The topology and an address for each process in; the command line and the environment of each out."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headrace.settings import VARIABLES, Settings, inherited, sql_credentials
from headrace.topology import Deployable, Topology
from localcloud.stack.supervise import Program

SERVERS = ("pubsub", "storage", "batch", "run", "scheduler", "logging")
PROJECT, REGION = "local-headrace", "local-region1"
IMAGE = "headrace/{}"
SCRATCH = "scratch"
TRAINING_CPUS = max(4, os.cpu_count() or 1)  # a workload's candidates side by side, even on a small machine
FRAMEWORK = "from functions_framework._cli import _cli; _cli()"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the stack runs."""

    topology: Topology
    ports: Mapping[str, int]
    root: Path
    state: Path
    secrets: Mapping[str, str]
    notify_url: str = ""
    database: str = ""
    without: frozenset[str] = frozenset()

    def settings(self, component: str) -> Settings:
        """Where `component` runs."""
        return Settings(
            project=PROJECT,
            region=REGION,
            component=component,
            mlflow_url=self.url("mlflow"),
            trainer_image=IMAGE.format("training"),
            webhook_secret=self.secrets["HEADRACE_WEBHOOK_SECRET"] if component in ("registry_hook", "mlflow") else "",
            notify_url=self.notify_url if component == "notify" else "",
            inference_url=self.url("inference") if component in ("cli", "studio") else "",
            api_keys=inherited().get(VARIABLES["api_keys"], "") if component == "inference" else "",
            unsigned_pushes="yes" if component == "inference" else "",
            revision=_revision(self.root),
            studies_url=self.database_url("studies") if component == "trainer" else "",
            pubsub_endpoint=self.address("pubsub"),
            storage_endpoint=self.url("storage"),
            batch_endpoint=self.address("batch"),
            run_endpoint=self.url("run"),
            logging_endpoint=self.address("logging"),
        )

    def environment(self, name: str) -> dict[str, str]:
        """What the deployable `name` is started with; who asks databases is whoever started the stack."""
        asking = sql_credentials().environment() if name == "pull" else {}
        return {**self.settings(name).environment(), **asking}

    def database_url(self, name: str) -> str:
        """The one database that everything shares, or a file `name` of SQLite's."""
        return self.database or f"sqlite:///{self.state / name}.db"

    def address(self, name: str) -> str:
        """host:port."""
        return f"127.0.0.1:{self.ports[name]}"

    def url(self, name: str) -> str:
        """The address as an HTTP URL."""
        return f"http://{self.address(name)}"

    def deployed(self) -> dict[str, Deployable]:
        """The deployables that run all the time, but for those that this stack is `without`."""
        found = self.topology.deployables.items()
        return {name: each for name, each in found if each.entry != "job" and name not in self.without}


def names(topology: Topology) -> list[str]:
    """Every process that needs an address."""
    return [*SERVERS, *(name for name, each in topology.deployables.items() if each.entry != "job")]


def programs(plan: Plan) -> list[Program]:
    """The servers first, then the deployables."""
    servers = [_program(plan, name, _server(plan, name), {}) for name in SERVERS]
    deployables = [
        _program(plan, name, _entry(plan, name, each), plan.environment(name)) for name, each in plan.deployed().items()
    ]
    return [*servers, *deployables]


def _program(plan: Plan, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
    return Program(
        name=name,
        command=[sys.executable, *command],
        environment={**_surroundings(plan), **environment, **_extras(plan, name)},
        folder=plan.root,
        log=plan.state / "logs" / f"{name}.log",
    )


def _server(plan: Plan, name: str) -> list[str]:
    served = ["-m", "localcloud", name, "--port", str(plan.ports[name])]
    command = [*served, "--state", str(plan.state / name)]
    match name:
        case "logging":
            return [*served, "--batch", str(plan.state / "batch"), "--run", str(plan.state / "run")]
        case "pubsub":
            return [*command, "--storage-endpoint", plan.url("storage")]
        case "storage":
            watched = [(each.bucket, plan.url(n)) for n, each in plan.topology.deployables.items() if each.bucket]
            triggers = [f"--trigger={PROJECT}-{bucket}={url}" for bucket, url in watched]
            return [*command, *triggers]
        case "batch":
            return [*command, "--pubsub", plan.address("pubsub"), "--cpus", str(TRAINING_CPUS), *_images(plan)]
        case "run":
            return [*command, *_images(plan)]
    return command


def _images(plan: Plan) -> list[str]:
    """A job's image is a command here; what the container would find in its environment is given to every task."""
    arguments = [f"--env={key}={value}" for key, value in _surroundings(plan).items()]
    for name, each in plan.topology.deployables.items():
        if each.entry == "job":
            arguments.append(f"--image={IMAGE.format(name)}={sys.executable} -m {' '.join(each.command)}")
    return arguments


def _entry(plan: Plan, name: str, each: Deployable) -> list[str]:
    port = ["--port", str(plan.ports[name]), "--host", "127.0.0.1"]
    if each.entry == "process":
        return ["-m", *each.command, *port, *_own_arguments(plan, name)]
    kind = "cloudevent" if each.entry == "cloud_event" else "http"
    framework = ["-c", FRAMEWORK, "--target", "main", "--signature-type", kind]
    return [*framework, "--source", str(plan.root / each.folder / "main.py"), *port]


def _own_arguments(plan: Plan, name: str) -> list[str]:
    if name == "mlflow":
        return ["--database", plan.database_url("mlflow"), "--hook", plan.url("registry_hook")]
    if name == "inference":
        return ["--cache", str(plan.state / "inference")]
    return []


def _extras(plan: Plan, name: str) -> dict[str, str]:
    """What MLflow alone is given: its key, and leave to call plain http on loopback."""
    if name != "mlflow":
        return {}
    key = "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"
    local = {"MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https", "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true"}
    return {key: plan.secrets[key], **local}


def _surroundings(plan: Plan) -> dict[str, str]:
    """What every process gets: what it needs of ours, and a place for scratch that is swept with the stack."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV")
    found = {key: value for key, value in inherited().items() if key in kept}
    scratch = str(plan.state / SCRATCH)
    return {
        **found,
        "PYTHONPATH": str(plan.root),
        "PYTHONUNBUFFERED": "1",
        "GIT_PYTHON_REFRESH": "quiet",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TMPDIR": scratch,
        "XDG_RUNTIME_DIR": scratch,
    }


def _revision(root: Path) -> str:
    head = root / ".git" / "HEAD"
    if not head.is_file():
        return "unknown"
    text = head.read_text().strip()
    ref = root / ".git" / text.removeprefix("ref: ")
    return ref.read_text().strip() if text.startswith("ref: ") and ref.is_file() else text
