"""What is said of prices is what the script says, and it has a price for everything that the project names."""

import re
from datetime import date
from itertools import product
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from headrace import catalogue, loading
from headrace.adapters import batch
from headrace.cli.main import app
from headrace.costs import environment, plan, prices, training
from headrace.costs.month import CONDITIONS, MADE_SECRETS, SQL_SECRETS, month
from headrace.costs.summary import markdown
from headrace.costs.training import hour
from headrace.costs.usage import IDLE, LIGHT, Usage

ROOT = Path(__file__).parents[2]
LISTED = prices.load(ROOT)
WORKLOADS = ROOT / "shared" / "workloads"


def test_the_readme_says_what_a_month_costs() -> None:
    assert markdown(ROOT) in (ROOT / "README.md").read_text(), "`headrace costs --readme` prints what belongs there"


@pytest.mark.parametrize("usage", [IDLE, LIGHT], ids=lambda usage: usage.name)
@pytest.mark.parametrize("name", environment.names(ROOT))
def test_everything_that_an_environment_has_has_a_price(name: str, usage: Usage) -> None:
    found = month(plan.load(ROOT, name, usage))
    assert found.total > 0
    assert all(line.usd >= 0 for line in found.lines)


@pytest.mark.parametrize("spot", [True, False])
@pytest.mark.parametrize("workload", loading.names())
def test_every_training_of_every_workload_has_a_price(workload: str, spot: bool) -> None:
    description = catalogue.describe(workload)
    for candidate in description.trained_on_arrival:
        assert hour(description.resources_of(candidate), LISTED, spot) > 0


@pytest.mark.parametrize(
    "file", sorted(WORKLOADS.glob("**/*.yaml")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_every_gpu_that_a_workload_names_or_suggests_has_a_price(file: Path) -> None:
    for gpu, suffix in product(re.findall(r"^\s*(?:# )?gpu: ([\w-]+)", file.read_text(), re.MULTILINE), ("", "_spot")):
        assert LISTED.of_gpu(gpu, suffix) > 0


def test_a_price_is_checked_only_if_it_was_read_for_this_region() -> None:
    for name, price in LISTED.prices.items():
        assert not (price.checked and (price.found.startswith("memory") or price.seen_in)), name
        assert price.checked or price.seen_in or "memory" in price.found or "before" in price.found, name
    assert LISTED.looked_up <= date.today()


def test_what_cloud_run_gives_is_the_same_however_it_bills() -> None:
    for each in ("cpu", "gib"):
        assert LISTED.given(f"run_instance_{each}") == pytest.approx(LISTED.given(f"run_request_{each}"))


def test_the_region_is_the_one_that_terraform_takes_by_default() -> None:
    assert f'default     = "{LISTED.region}"' in (ROOT / "infra" / "variables.tf").read_text()


def test_as_many_alerts_are_counted_as_there_are() -> None:
    assert (
        len(re.findall(r'^      severity = "', (ROOT / "infra" / "alerts.tf").read_text(), re.MULTILINE)) == CONDITIONS
    )


def test_as_many_secrets_are_counted_as_terraform_writes() -> None:
    written = (ROOT / "infra" / "secrets.tf").read_text()
    made = written.split("made = {", 1)[1].split("}", 1)[0]
    assert len(re.findall(r"^ +[A-Z_]+ +=", made, re.MULTILINE)) == MADE_SECRETS
    assert len(re.findall(r"headrace-[a-z-]+", written.split("databases = ", 1)[1].splitlines()[0])) == SQL_SECRETS


def test_a_training_has_the_disk_that_batch_is_asked_for() -> None:
    assert training.GPU_DISK_GIB == batch.GPU_DISK_GIB


def test_every_gpu_that_has_a_price_has_a_machine() -> None:
    assert {name for name in LISTED.prices if name.startswith("nvidia-") and not name.endswith("_spot")} == set(
        training.FAMILIES
    )


def test_the_list_is_read_without_a_word_that_nothing_knows() -> None:
    written = yaml.safe_load((ROOT / prices.FILE).read_text())
    assert set(written["prices"]) == set(LISTED.prices)


@pytest.mark.parametrize("name", environment.names(ROOT))
def test_the_command_shows_totals_options_hours_and_what_was_not_checked(name: str) -> None:
    shown = CliRunner().invoke(app, ["costs", "--environment", name], env={"COLUMNS": "160"})
    assert shown.exit_code == 0
    for words in (
        "light use is",
        "the goal of $5 to $15",
        "an optional part adds",
        "an hour of training",
        "n1_cpu_spot",
    ):
        assert words in shown.output
