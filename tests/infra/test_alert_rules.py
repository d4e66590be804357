"""The alerts' PromQL, evaluated by Prometheus's own tool over metrics as a good day and bad days would write them."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.days import TOLD, UNTOLD, Series
from tests.infra.estate import ENVIRONMENTS, planned
from tests.infra.terraform import ROOT, installed, standing_in

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(
    not (PROMTOOL and installed()), reason="there is no promtool (Debian's package prometheus) or no terraform here"
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Every policy's query by its name."""
    with standing_in(ROOT / "infra", tmp_path_factory.mktemp("infra")) as terraform:
        found = planned(terraform, *ENVIRONMENTS["prod"][1])
    policies = {
        each.address.split('"')[1]: each.values for each in found if each.type == "google_monitoring_alert_policy"
    }
    return {
        name: policy["conditions"][0]["condition_prometheus_query_language"][0]["query"]
        for name, policy in policies.items()
    }


@pytest.mark.parametrize("day", TOLD)
def test_people_are_told_when(day: str, rules: Mapping[str, str], tmp_path: Path) -> None:
    alert, series, at, labels = TOLD[day]
    assert_told(rules, tmp_path, alert, series, at, [{"exp_labels": labels}])


@pytest.mark.parametrize("day", UNTOLD)
def test_nobody_is_told_when(day: str, rules: Mapping[str, str], tmp_path: Path) -> None:
    alert, series, at = UNTOLD[day]
    assert_told(rules, tmp_path, alert, series, at, [])


def test_every_alert_has_a_day_on_which_people_are_told(rules: Mapping[str, str]) -> None:
    assert {alert for alert, *_ in TOLD.values()} == set(rules)


def assert_told(
    rules: Mapping[str, str], folder: Path, alert: str, series: Series, at: str, told: list[dict[str, Any]]
) -> None:
    """Have promtool hold what an alert says at a time against what is expected."""
    (folder / "rules.yaml").write_text(
        yaml.safe_dump({"groups": [{"name": "headrace", "rules": [{"alert": alert, "expr": rules[alert]}]}]})
    )
    expected = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": [{"eval_time": at, "alertname": alert, "exp_alerts": told}],
            }
        ],
    }
    (folder / "test.yaml").write_text(yaml.safe_dump(expected))
    command = [str(PROMTOOL), "test", "rules", "test.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
