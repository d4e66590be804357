"""A tool's name and its words in; what gcloud, terraform, docker and git answer, on a project in memory, out.

The answers have the shape of the real tools'. `broken` in the project makes commands that hold a text fail with
another.
"""

import json
from pathlib import Path
from typing import Any

Project = dict[str, Any]


class Refused(Exception):
    """The tool ends with an error and these words."""


def answer(project: Project, tool: str, words: list[str]) -> str:
    """What the tool prints. Raises Refused."""
    line = " ".join((tool, *words))
    for text, said in project["broken"].items():
        if text in line:
            raise Refused(said)
    return {"gcloud": gcloud, "terraform": terraform, "docker": docker, "git": git}[tool](project, words)


def gcloud(project: Project, words: list[str]) -> str:
    options = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
    match [word for word in words if not word.startswith("--")]:
        case ["auth", "list"]:
            return str(project["account"])
        case ["auth", "print-identity-token"] if not can_sign(project["account"], options):
            raise Refused(
                "ERROR: (gcloud.auth.print-identity-token) Invalid account type for `--audiences`. "
                "Requires valid service account."
            )
        case ["auth", ("print-access-token" | "print-identity-token") as kind]:
            return f"a-{kind.removeprefix('print-')}"
        case ["projects", "describe", _]:
            return "ACTIVE"
        case ["billing", "projects", "describe", _]:
            return str(project["billing"])
        case ["services", "list"]:
            return "\n".join(project["enabled"])
        case ["services", "enable", *apis]:
            project["enabled"] += apis
        case ["storage", "buckets", "create", bucket]:
            project["buckets"].append(bucket)
        case ["storage", "buckets", "describe", bucket] if bucket not in project["buckets"]:
            raise Refused(f"ERROR: (gcloud.storage.buckets.describe) {bucket} not found: 404.")
        case ["compute", "regions" | "project-info", "describe", *_]:
            return json.dumps(
                {"quotas": [{"metric": name, "limit": n, "usage": 0} for name, n in project["quotas"].items()]}
            )
        case ["artifacts", "docker", "images", "scan", image]:
            return f"projects/p/locations/europe/scans/{image.rpartition('/')[2]}"
        case ["artifacts", "docker", "images", "list-vulnerabilities", scan]:
            return json.dumps(project["vulnerabilities"].get(scan.rpartition("/")[2].partition(":")[0], []))
        case ["logging", "read", _]:
            return "\n".join(str(status) for status in project["statuses"])
        case ["run", "services", "list"]:
            return json.dumps([shown(project, name) for name in project["services"]])
        case ["run", "services", "update-traffic", name]:
            move(project["services"][name], options)
    return ""


def can_sign(account: str, options: dict[str, str]) -> bool:
    """A person's token has no audience; what a federated token was exchanged for has one by impersonation alone."""
    if not account.endswith("gserviceaccount.com"):
        return "--audiences" not in options
    return options.get("--impersonate-service-account") == account and "--audiences" in options


def shown(project: Project, name: str) -> Project:
    """A service as `gcloud run services list --format=json` shows it."""
    service, base = project["services"][name], f"{project['base']}/{name}"
    traffic = [
        {"revisionName": revision, "percent": percent} | ({"latestRevision": True} if service["latest"] else {})
        for revision, percent in service["percents"].items()
    ]
    traffic += [
        {"revisionName": revision, "tag": tag, "url": f"{base}/{revision}"} for tag, revision in service["tags"].items()
    ]
    newest = service["revisions"][-1]
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"cloud.googleapis.com/location": "europe-west1"}},
        "status": {
            "url": base,
            "latestCreatedRevisionName": newest,
            "latestReadyRevisionName": newest,
            "traffic": traffic,
        },
    }


def move(service: Project, options: dict[str, str]) -> None:
    """`update-traffic`: the tags first, then the percentages."""
    if "--set-tags" in options:
        service["tags"] = _pairs(options["--set-tags"])
    named = _pairs(options.get("--to-revisions", ""))
    named |= {service["tags"][tag]: percent for tag, percent in _pairs(options.get("--to-tags", "")).items()}
    if named:
        service["percents"] = {revision: int(percent) for revision, percent in named.items() if int(percent)}
        service["latest"] = False
        assert sum(service["percents"].values()) == 100
        assert set(service["percents"]) <= set(service["revisions"])
        service["history"].append(service["percents"])


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.partition("=")[::2] for pair in text.split(",") if pair)


def terraform(project: Project, words: list[str]) -> str:
    root = words[0].removeprefix("-chdir=")
    options = [word for word in words if word.startswith("-")]
    match [word for word in words[1:] if not word.startswith("-")]:
        case ["plan"]:
            out = next(word for word in options if word.startswith("-out=")).removeprefix("-out=")
            Path(out).write_text(json.dumps([root, options]))
        case ["apply", plan]:
            root, options = json.loads(Path(plan).read_text())
            if root == "infra":
                revision = next(word for word in options if word.startswith("-var=revision=")).rpartition("=")[2]
                apply(project, revision, "-destroy" in options)
        case ["show", plan]:
            return f"Terraform will do what is in {plan}"
        case ["output"]:
            return json.dumps({name: {"value": value} for name, value in project["outputs"].items()})
        case ["state", "pull"]:
            return json.dumps({"version": 4, "resources": project["state"]})
    return ""


def apply(project: Project, revision: str, destroys: bool) -> None:
    """A changed image is a new revision, which gets requests only where nobody pinned them."""
    if destroys:
        return
    base = project["base"]
    project["outputs"] = {
        "mlflow_url": f"{base}/mlflow",
        "services": {name: f"{base}/{name}" for name in project["named"]},
        "studio": {"url": f"{base}/studio", "iap": project["iap"]},
        "inference_urls": {"loan_default": f"{base}/inference-loan-default"},
    }
    for name in project["named"]:
        service = project["services"].setdefault(
            name, {"revisions": [], "image": "", "percents": {}, "tags": {}, "latest": True, "history": []}
        )
        if service["image"] != revision:
            service["image"] = revision
            service["revisions"].append(f"{name}-{len(service['revisions']) + 1:05}-{revision}")
        if service["latest"]:
            service["percents"] = {service["revisions"][-1]: 100}


def docker(project: Project, words: list[str]) -> str:
    match [word for word in words if not word.startswith("--")]:
        case ["buildx", "inspect", builder] if builder not in project["builders"]:
            raise Refused(f'ERROR: no builder "{builder}" found')
        case ["buildx", "create"]:
            project["builders"] += [word.partition("=")[2] for word in words if word.startswith("--name=")]
    return ""


def git(project: Project, words: list[str]) -> str:
    if words[0] == "remote" and not project["origin"]:
        raise Refused("error: No such remote 'origin'")
    said = {"rev-parse": "0123456789abcdef" * 2 + "01234567", "remote": project["origin"]}
    return str(said.get(words[0], project["changed"]))
