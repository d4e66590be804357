from pathlib import Path

import hcl2
import pytest

from headrace.costs import environment, tfvars
from headrace.errors import Rejected
from tests.unit.headrace.costs.tiny import ROOT

FOLDER = ROOT / "infra" / "environments"


def written(root: Path, text: str) -> Path:
    (root / environment.FOLDER).mkdir(parents=True)
    (root / environment.FOLDER / "mine.tfvars").write_text(text)
    return root


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.tfvars")), ids=lambda file: file.stem)
def test_an_environment_is_read_as_terraform_reads_it(file: Path) -> None:
    theirs = hcl2.loads(file.read_text())
    ours = tfvars.read(file.read_text(), file.name)
    assert set(ours) == {name for name in theirs if not name.startswith("__")}
    assert ours["open_registry_hook"] is theirs["open_registry_hook"]
    assert ours["mlflow_backend"] == str(theirs["mlflow_backend"]).strip('"')


def test_every_kind_of_literal_is_read() -> None:
    text = """
    # a comment
    a = "x \\"y\\" # no comment"  // another
    b = { c = 1.5, "d-e" = [true, null, -2] }
    f = {
      g = "*/5 * * * *"
      h : false
    }
    i = []
    """
    assert tfvars.read(text, "x") == {
        "a": 'x "y" # no comment',
        "b": {"c": 1.5, "d-e": [True, None, -2]},
        "f": {"g": "*/5 * * * *", "h": False},
        "i": [],
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('a = "${var.b}"', "x, line 1: .* is no literal; write the value itself"),
        ("a = true\nb = 1 + 2", "x, line 2: '. 2' is no literal"),
        ("a = var", "'var' is no literal"),
        ("a = {", "x ends within a value"),
        ("a", "x ends within a value"),
        ("a b", "'a' is not followed by '='"),
        ("a = <<EOT\nb\nEOT", "x, line 1: .* is no literal"),
    ],
)
def test_what_is_no_literal_is_named(text: str, sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        tfvars.read(text, "x")


def test_what_is_not_set_is_as_terraform_has_it(tmp_path: Path) -> None:
    found = environment.load(written(tmp_path, 'project = "p"\n'), "mine")
    assert (found.mlflow_backend, found.internet, found.database.tier) == ("sqlite", False, "db-f1-micro")
    variables = (ROOT / "infra" / "variables.tf").read_text()
    assert all(f'"{default}")' in variables for default in (found.database.tier, found.database.available))


def test_a_value_that_terraform_would_refuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"mine\.tfvars is not valid"):
        environment.load(written(tmp_path, 'mlflow_backend = "mysql"\n'), "mine")


def test_an_environment_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(Rejected, match=r"no infra/environments/test\.tfvars; --environment is one of dev, prod"):
        environment.load(ROOT, "test")


def test_a_budget_and_other_promises_are_read_where_an_environment_has_them(tmp_path: Path) -> None:
    text = """
    budget     = { billing_account = "000000-000000-000000", amount = 20, stop = true }
    objectives = { milliseconds = 200 }
    """
    found = environment.load(written(tmp_path, text), "mine")
    assert found.budget
    assert (found.budget.amount, found.budget.currency, found.budget.stop) == (20, "USD", True)
    assert found.objectives == {"milliseconds": 200}
    assert environment.load(ROOT, "dev").budget is None
