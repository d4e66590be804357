"""The dashboard that is imported into Grafana asks for what a service really counts, and the configuration finds it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace.cli.session import HERE
from localcloud.stack.stack import TARGETS

from .fakes import FakePlatform
from .running import until
from .trials import Manners, ask, trying

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "infra" / "prometheus"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text())
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
SCRAPED = {"job", "instance"}
"""Labels that Prometheus adds."""

SHADOW: dict[str, Any] = {"mode": "shadow", "share": 1, "requests": 1000, "max_latency_ratio": 1000}
_METRIC = re.compile(r"\b((?:headrace|process)_\w+)(?:\{([^}]*)\})?")
_MATCHED = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


def expressions() -> Iterator[tuple[str, str]]:
    """Every PromQL expression with the title of what shows it."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """The labels of every metric of a service that was asked, refused a request, and tries a shadow."""
    folder = tmp_path_factory.mktemp("service")
    platform = FakePlatform(folder / "registry")
    platform.fake_registry.publish("tiny", 1)
    manners = Manners()
    with trying(platform, folder, manners, **SHADOW) as client:
        ask(client, 25)
        until(lambda: len(manners.seen) == 25)
        assert client.post("/models/tiny/predict", b"no JSON").status_code == 400
        page = client.get("/metrics").text
    found: dict[str, set[str]] = {}
    for line in page.splitlines():
        if not line.startswith("#"):
            name, labels = re.fullmatch(r"(\w+)(?:\{(.*)\})? \S+", line).groups()  # type: ignore[union-attr]
            found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels or ""))
    return found


@pytest.mark.parametrize(
    ("title", "expression"), [pytest.param(*each, id=f"{number}") for number, each in enumerate(expressions())]
)
def test_every_expression_names_metrics_and_labels_that_the_service_has(
    exported: Mapping[str, set[str]], title: str, expression: str
) -> None:
    named = _METRIC.findall(expression)
    assert named, title
    for metric, matchers in named:
        assert metric in exported, f"{title} asks for {metric}, which no service has"
        assert set(_MATCHED.findall(matchers)) <= exported[metric] | SCRAPED, f"{title}: {matchers}"
        for group in _GROUPED.findall(expression):
            labels = {label.strip() for label in group.split(",")}
            assert labels <= exported[metric] | SCRAPED, f"{title} groups {metric} by {group}"


def test_every_legend_names_labels_that_are_left_of_the_expression() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            left = {label.strip() for group in _GROUPED.findall(target["expr"]) for label in group.split(",")}
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                assert label in left | SCRAPED, f"{panel['title']}: {target['legendFormat']}"


def test_everything_that_the_service_counts_is_shown(exported: Mapping[str, set[str]]) -> None:
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exported}
    shown = " ".join(expression for _, expression in expressions())
    assert {name for name in families if name not in shown} == set()


def test_every_expression_is_closed_and_uses_the_dashboards_own_variables() -> None:
    variables = {each["name"] for each in DASHBOARD["templating"]["list"]} | {"__rate_interval"}
    for title, expression in expressions():
        assert set(re.findall(r"\$(\w+)", expression)) <= variables, title
        for opening, closing in ("()", "{}", "[]"):
            assert expression.count(opening) == expression.count(closing), title


def test_panels_have_ids_of_their_own_and_no_two_are_in_one_place() -> None:
    everything = DASHBOARD["panels"]
    assert len({each["id"] for each in everything}) == len(everything)
    for one, other in combinations(everything, 2):
        assert not _overlap(one["gridPos"], other["gridPos"]), f"{one['title']} and {other['title']}"
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in everything)


def test_every_panel_asks_the_data_source_that_was_chosen() -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    for panel in PANELS:
        assert [target["datasource"] for target in panel["targets"]] == [chosen] * len(panel["targets"])


def test_prometheus_looks_for_a_local_stack_where_it_says_that_it_is() -> None:
    configured = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (job,) = configured["scrape_configs"]
    (found,) = job["file_sd_configs"]
    (file,) = found["files"]
    assert (FOLDER / file).resolve() == ROOT / HERE / TARGETS
    assert "metrics_path" not in job


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool (Debian's package prometheus) here")
def test_prometheus_itself_reads_the_configuration_and_every_query(tmp_path: Path) -> None:
    asked = [each for each in expressions() if not each[1].startswith("label_values(")]
    rules = [
        {"record": f"query_{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, (_, expression) in enumerate(asked)
    ]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    for command in (("rules", tmp_path / "rules.yml"), ("config", FOLDER / "prometheus.yml")):
        found = subprocess.run(["promtool", "check", *command], capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr


def _overlap(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in ("xw", "yh"))
