"""The environment in; one frozen description of where a component runs out. Nothing else reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from headrace.errors import HeadraceError

FILE = "environment"
"""Where a running local stack leaves its settings for the command line."""

HOSTS_FILE = "/etc/cloudbatch-taskgroup-hosts"
"""Where Batch lists the nodes of a job that asked for it, when no variable says so."""

SQL_USER, SQL_PASSWORD = "HEADRACE_SQL_USER", "HEADRACE_SQL_PASSWORD"

VARIABLES = {
    "project": "HEADRACE_PROJECT",
    "region": "HEADRACE_REGION",
    "component": "HEADRACE_COMPONENT",
    "mlflow_url": "HEADRACE_MLFLOW_URL",
    "mlflow_database": "HEADRACE_MLFLOW_DATABASE",
    "trainer_image": "HEADRACE_TRAINER_IMAGE",
    "webhook_secret": "HEADRACE_WEBHOOK_SECRET",
    "notify_url": "HEADRACE_NOTIFY_URL",
    "inference_url": "HEADRACE_INFERENCE_URL",
    "api_keys": "HEADRACE_API_KEYS",
    "push_account": "HEADRACE_PUSH_ACCOUNT",
    "unsigned_pushes": "HEADRACE_UNSIGNED_PUSHES",
    "iap_audience": "HEADRACE_IAP_AUDIENCE",
    "operators": "HEADRACE_OPERATORS",
    "unsigned_viewers": "HEADRACE_UNSIGNED_VIEWERS",
    "revision": "HEADRACE_REVISION",
    "studies_url": "HEADRACE_STUDIES_URL",
    "pubsub_endpoint": "PUBSUB_EMULATOR_HOST",
    "storage_endpoint": "STORAGE_EMULATOR_HOST",
    "batch_endpoint": "BATCH_EMULATOR_HOST",
    "run_endpoint": "RUN_EMULATOR_HOST",
    "logging_endpoint": "LOGGING_EMULATOR_HOST",
}


class SettingsMissing(HeadraceError):
    """The environment lacks variables that this component needs; the message names every one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a component runs. The endpoints are empty on Google Cloud and name the local servers on a laptop.

    `api_keys` has lines that `headrace.apikeys` reads. Pub/Sub pushes as `push_account`; `unsigned_pushes` is "yes" on
    a laptop alone, where nobody signs. Identity-Aware Proxy signs who looks at the studio, for `iap_audience`; of these
    people, `operators` (e-mails and domains, comma between) decide. With `unsigned_viewers` "yes" nobody signs,
    Cloud Run itself lets in whom it knows, and everybody looks only.
    """

    project: str = ""
    region: str = ""
    component: str = "headrace"
    mlflow_url: str = ""
    mlflow_database: str = field(default="", repr=False)
    trainer_image: str = ""
    webhook_secret: str = ""
    notify_url: str = ""
    inference_url: str = ""
    api_keys: str = field(default="", repr=False)
    push_account: str = ""
    unsigned_pushes: str = ""
    iap_audience: str = ""
    operators: str = ""
    unsigned_viewers: str = ""
    revision: str = "unknown"
    studies_url: str = ""
    pubsub_endpoint: str = ""
    storage_endpoint: str = ""
    batch_endpoint: str = ""
    run_endpoint: str = ""
    logging_endpoint: str = ""

    def bucket(self, purpose: str) -> str:
        """The name of the `data`, `store`, `models` or `audit` bucket."""
        return f"{self.project}-{purpose}"

    def environment(self) -> dict[str, str]:
        """These settings as variables, for a process that is started with them."""
        return {VARIABLES[item.name]: getattr(self, item.name) for item in fields(self) if getattr(self, item.name)}


def load(*needs: str, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings with at least the project, the region and the fields named in `needs`; else SettingsMissing."""
    environ = os.environ if environ is None else environ
    found = {field: environ[name] for field, name in VARIABLES.items() if environ.get(name)}
    missing = [VARIABLES[need] for need in ("project", "region", *needs) if need not in found]
    if missing:
        raise SettingsMissing(f"set {', '.join(missing)} (on a laptop `headrace up` does it)")
    return Settings(**found)


def load_for_command_line(state: Path) -> Settings:
    """The running local stack's settings when `state` holds one, else those of the environment."""
    file = state / FILE
    if not file.is_file():
        return load("mlflow_url")
    lines = (line.partition("=") for line in file.read_text().splitlines())
    return load("mlflow_url", environ={name: value for name, _, value in lines})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks a database."""

    user: str = ""
    password: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """These credentials as variables, for a process that is started with them."""
        found = {SQL_USER: self.user, SQL_PASSWORD: self.password}
        return {name: value for name, value in found.items() if value}


def sql_credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """Who asks the databases that data is pulled from; Cloud Run has them from Secret Manager."""
    environ = os.environ if environ is None else environ
    return Credentials(environ.get(SQL_USER, ""), environ.get(SQL_PASSWORD, ""))


@dataclass(frozen=True, slots=True)
class Task:
    """Which task of a job this process is, and, where several nodes work together, their addresses."""

    index: int = 0
    count: int = 1
    hosts: tuple[str, ...] = ()
    rank: int | None = None
    """This process among those that torchrun started; None when it did not."""


def task(environ: Mapping[str, str] | None = None) -> Task:
    """What Batch and torchrun say of this process."""
    environ = os.environ if environ is None else environ
    hosts = Path(environ.get("BATCH_HOSTS_FILE", HOSTS_FILE))
    return Task(
        index=int(environ.get("BATCH_TASK_INDEX", 0)),
        count=int(environ.get("BATCH_TASK_COUNT", 1)),
        hosts=tuple(hosts.read_text().split()) if hosts.is_file() else (),
        rank=int(environ["RANK"]) if "RANK" in environ else None,
    )


def run_task(environ: Mapping[str, str] | None = None) -> Task:
    """Which task of a Cloud Run job's execution this process is."""
    environ = os.environ if environ is None else environ
    return Task(int(environ.get("CLOUD_RUN_TASK_INDEX", 0)), int(environ.get("CLOUD_RUN_TASK_COUNT", 1)))


def export(variables: Mapping[str, str]) -> None:
    """Put `variables` in this process's environment, for a library that is configured no other way."""
    os.environ.update(variables)


def inherited() -> dict[str, str]:
    """This process's environment, for choosing what a child process gets."""
    return dict(os.environ)
