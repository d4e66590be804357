"""The model registry on MLflow's REST API, which costs a function nothing to import."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from headrace.adapters.hasty import Hasty
from headrace.errors import HeadraceError, NotFound, Unavailable
from headrace.ports import Logged, Tracked, Version

TIMEOUT = (3.05, 30)
CHUNK = 1 << 20
CONNECTIONS = 32
PROXIED = "mlflow-artifacts:"
JOB = "headrace.job"
"""The tag that names the training that a run is of."""


class RegistryRefused(HeadraceError):
    """MLflow answered with an error that is not the absence of what was asked for."""


class MlflowRegistry:
    """The registry of the MLflow server at `url`, asked again up to `retries` times while it does not answer.

    With `patience` an answer is waited for so many seconds, and nothing is asked twice. A server at an https address is
    on Cloud Run, and is shown who calls.
    """

    def __init__(self, url: str, retries: int, patience: float = 0.0) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        retry = Retry(
            retries, backoff_factor=0.2, backoff_max=10, status_forcelist=[429, 502, 503, 504], allowed_methods=["GET"]
        )
        for scheme in ("http://", "https://"):  # the longest prefix wins, and requests has these two already
            steady = HTTPAdapter(max_retries=retry, pool_maxsize=CONNECTIONS)
            self._session.mount(scheme, Hasty(patience, pool_maxsize=CONNECTIONS) if patience else steady)
        if url.startswith("https://"):
            from headrace.adapters.identity import Identity  # with Google's library, which a laptop's loop needs not

            self._session.auth = Identity(url)

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        """Every registered model with its aliases."""
        found = self._pages("registered-models/search", "registered_models", {})
        return {
            model["name"]: {alias["alias"]: int(alias["version"]) for alias in model.get("aliases", [])}
            for model in found
        }

    def versions(self, workload: str) -> Sequence[Version]:
        """Oldest first; none when the model does not exist."""
        found = self._pages("model-versions/search", "model_versions", {"filter": f"name='{workload}'"})
        return sorted(map(_version, found), key=lambda version: version.number)

    def version(self, workload: str, number: int) -> Version:
        """Raises NotFound."""
        answer = self._call("GET", "model-versions/get", {"name": workload, "version": str(number)})
        return _version(answer["model_version"])

    def alias(self, workload: str, alias: str) -> Version | None:
        """The version that the alias names, if any."""
        try:
            answer = self._call("GET", "registered-models/alias", {"name": workload, "alias": alias})
        except NotFound:
            return None
        return _version(answer["model_version"])

    def set_alias(self, workload: str, alias: str, number: int) -> None:
        """Move or create the alias."""
        body = {"name": workload, "alias": alias, "version": str(number)}
        self._call("POST", "registered-models/alias", body)

    def delete_alias(self, workload: str, alias: str) -> None:
        """Nothing happens when there is none."""
        with suppress(NotFound):
            self._call("DELETE", "registered-models/alias", {"name": workload, "alias": alias})

    def tag(self, workload: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        for key, value in tags.items():
            body = {"name": workload, "version": str(number), "key": key, "value": value}
            self._call("POST", "model-versions/set-tag", body)

    def register(self, workload: str, run_id: str, source: str, tags: Mapping[str, str]) -> Version:
        """Create a version, and the registered model when it is the first."""
        try:
            self._call("POST", "registered-models/create", {"name": workload})
        except RegistryRefused as error:
            if "RESOURCE_ALREADY_EXISTS" not in str(error):
                raise
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        body = {"name": workload, "source": source, "run_id": run_id, "tags": listed}
        return _version(self._call("POST", "model-versions/create", body)["model_version"])

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        """What a run logged under `path`, as version 0 of the workload. Raises NotFound when that is no folder."""
        info = self._call("GET", "runs/get", {"run_id": run_id})["run"]["info"]
        listing = self._call("GET", "artifacts/list", {"run_id": run_id, "path": path})
        if not any(file["path"].startswith(f"{path}/") for file in listing.get("files", [])):
            raise NotFound(f"run {run_id} logged no folder {path!r}")
        return Version(workload, 0, run_id, f"{info['artifact_uri'].rstrip('/')}/{path}", _time(info["start_time"]))

    def download(self, version: Version, folder: Path) -> None:
        """The version's artifacts into `folder`, through the server's artifact proxy."""
        root = version.source.removeprefix(PROXIED).lstrip("/")
        listing = self._call("GET", "mlflow-artifacts/artifacts", {"path": root})
        for file in listing.get("files", []):
            if not file.get("is_dir"):
                self._fetch(f"{root}/{file['path']}", folder / file["path"])

    def training(self, version: Version) -> Logged:
        """What was logged as the version was trained. Raises NotFound for one that no run made."""
        return _logged(self._run(version))

    def tracked(self, workload: str, job: str) -> Tracked | None:
        """The run of the training with this id, if it has begun one."""
        try:
            experiment = self._call("GET", "experiments/get-by-name", {"experiment_name": workload})["experiment"]
        except NotFound:
            return None
        asked = {
            "experiment_ids": [experiment["experiment_id"]],
            "filter": f"tags.`{JOB}` = '{job}'",
            "max_results": 1,
        }
        found = self._call("POST", "runs/search", asked).get("runs", [])
        if not found:
            return None
        return Tracked(found[0]["info"]["run_id"], experiment["experiment_id"], _logged(found[0]))

    def curve(self, run_id: str, metric: str, most: int = 300) -> Sequence[tuple[int, float]]:
        """A metric of a run step by step, thinned out by the server where there are more than `most` of them."""
        asked = {"run_ids": [run_id], "metric_key": metric, "max_results": most}
        found = self._call("GET", "metrics/get-history-bulk-interval", asked).get("metrics", [])
        return sorted((int(each.get("step", 0)), float(each["value"])) for each in found)

    def attach(self, version: Version, path: str, content: bytes) -> None:
        """Keep or replace a file among the artifacts of the version's run. Raises NotFound where there is no place."""
        url = self._place(version, path)
        try:
            self._session.put(url, data=content, timeout=TIMEOUT).raise_for_status()
        except requests.RequestException as error:
            raise Unavailable(f"MLflow did not take {path} of run {version.run_id}: {error}") from error

    def attachment(self, version: Version, path: str) -> bytes:
        """A file among the artifacts of the version's run. Raises NotFound."""
        url = self._place(version, path)
        try:
            answer = self._session.get(url, timeout=TIMEOUT)
            if not answer.ok and not self._is_listed(version, path):  # MLflow fails over what is not in the bucket
                raise NotFound(f"run {version.run_id} keeps no {path}")
            answer.raise_for_status()
        except requests.RequestException as error:
            raise Unavailable(f"MLflow did not deliver {path} of run {version.run_id}: {error}") from error
        return answer.content

    def _is_listed(self, version: Version, path: str) -> bool:
        folder = path.rpartition("/")[0]
        listing = self._call("GET", "artifacts/list", {"run_id": version.run_id, "path": folder})
        return any(file["path"] == path for file in listing.get("files", []))

    def _place(self, version: Version, path: str) -> str:
        """Where the server keeps a file of the version's run. Raises NotFound."""
        uri = self._run(version)["info"]["artifact_uri"]
        if not uri.startswith(PROXIED):
            raise NotFound(f"run {version.run_id} keeps its files at {uri}, where MLflow's server does not write them")
        root = uri.removeprefix(PROXIED).strip("/")
        return f"{self._url}/api/2.0/mlflow-artifacts/artifacts/{quote(f'{root}/{path}')}"

    def _run(self, version: Version) -> Mapping[str, Any]:
        if not version.run_id:
            raise NotFound(f"no run made version {version.number} of {version.workload}")
        found: Mapping[str, Any] = self._call("GET", "runs/get", {"run_id": version.run_id})["run"]
        return found

    def _fetch(self, artifact: str, path: Path) -> None:
        url = f"{self._url}/api/2.0/mlflow-artifacts/artifacts/{quote(artifact)}"
        try:
            with self._session.get(url, timeout=TIMEOUT, stream=True) as answer:
                if answer.status_code == 404:
                    raise NotFound(f"MLflow has no artifact {artifact}")
                answer.raise_for_status()
                with path.open("wb") as file:
                    file.writelines(answer.iter_content(CHUNK))
        except requests.RequestException as error:
            raise Unavailable(f"MLflow did not deliver {artifact}: {error}") from error

    def _pages(self, path: str, field: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        token = ""
        while True:
            page = self._call("GET", path, {**query, "max_results": "200", "page_token": token})
            yield from page.get(field, [])
            token = page.get("next_page_token", "")
            if not token:
                return

    def _call(self, method: str, path: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        prefix = "" if path.startswith("mlflow-artifacts") else "mlflow/"
        sent: dict[str, Any] = {"params" if method == "GET" else "json": {k: v for k, v in fields.items() if v != ""}}
        try:
            answer = self._session.request(method, f"{self._url}/api/2.0/{prefix}{path}", timeout=TIMEOUT, **sent)
        except requests.RequestException as error:
            raise Unavailable(f"MLflow did not answer at {self._url}: {error}") from error
        if answer.ok:
            return dict(answer.json())
        code = answer.json().get("error_code", "") if "json" in answer.headers.get("content-type", "") else ""
        if answer.status_code == 404 or code == "RESOURCE_DOES_NOT_EXIST" or _is_missing_alias(code, answer.text):
            raise NotFound(f"MLflow has no {path} for {fields}: {answer.text[:200]}")
        raise RegistryRefused(f"MLflow answered {method} {path} with {answer.status_code}: {answer.text[:500]}")


def _is_missing_alias(code: str, text: str) -> bool:
    return code == "INVALID_PARAMETER_VALUE" and "alias" in text and "not found" in text


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _logged(run: Mapping[str, Any]) -> Logged:
    info, data = run["info"], run.get("data", {})
    return Logged(
        params={each["key"]: each["value"] for each in data.get("params", [])},
        metrics={each["key"]: float(each["value"]) for each in data.get("metrics", [])},
        tags={each["key"]: each["value"] for each in data.get("tags", [])},
        started=_time(info["start_time"]),
        ended=_time(info["end_time"]) if info.get("end_time") else None,
    )


def _version(fields: Mapping[str, Any]) -> Version:
    return Version(
        workload=fields["name"],
        number=int(fields["version"]),
        run_id=fields.get("run_id", ""),
        source=fields.get("source", ""),
        created=_time(fields["creation_timestamp"]),
        tags={tag["key"]: tag["value"] for tag in fields.get("tags", [])},
    )
