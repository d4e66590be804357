"""A dataset of loans in; its train and test splits on disk, and sentences about the data, out."""

from pathlib import Path
from tempfile import TemporaryFile

from headrace.workload import BadData, Dataset, Prepared

from . import census, notes, portfolio, split
from .census import Group
from .header import MIN_FEATURES
from .portfolio import Portfolio
from .schema import FEATURES, FIELDS, Field
from .table import Writer


def prepare(dataset: Dataset, target: Path) -> Prepared:
    """Write `target/train` and `target/test`. Raises BadData when no honest model can come of the data."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=target) as scratch:
        loans = portfolio.read(dataset, scratch)
        chosen = split.choose(loans.census)
        parts = {"train": loans.census.group(chosen.train), "test": loans.census.group(chosen.test)}
        fields = _fields(parts)
        _write(loans, chosen, parts, fields, target)
    return Prepared(parts["train"].loans, parts["test"].loans, notes.about(loans, fields, chosen.words))


def _fields(parts: dict[str, Group]) -> tuple[Field, ...]:
    """The features that some loan of the train split has."""
    for name, part in parts.items():
        if not (part.paid and part.charged_off):
            raise BadData(f"the {name} split of {part.loans} loans has charge-offs only or none; upload more loans")
    filled = {field for field, loans in zip(FIELDS, parts["train"].filled, strict=True) if loans}
    fields = tuple(field for field in FEATURES if field in filled)
    if len(fields) < MIN_FEATURES:
        raise BadData(f"only {len(fields)} columns that a model can use hold any value; fill in some of the others")
    return fields


def _write(
    found: Portfolio, chosen: split.Split, parts: dict[str, Group], fields: tuple[Field, ...], target: Path
) -> None:
    with (
        Writer(target / "train", fields, parts["train"].loans) as train,
        Writer(target / "test", fields, parts["test"].loans) as test,
    ):
        for loans in found.loans.blocks():
            tested = chosen.test(census.months(loans), census.marked(loans))
            train.add(loans["values"][~tested], loans["label"][~tested])
            test.add(loans["values"][tested], loans["label"][tested])
