"""Numbers by name in; bars to look at, in a file, out."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

FOLDER = Path(".headrace")


def bars(values: Mapping[str, float], title: str, file: str) -> None:
    """One bar a value, on a logarithmic scale, with its number beside it."""
    figure = Figure(figsize=(7, 0.5 + 0.4 * len(values)), layout="constrained")
    axes = figure.subplots()
    drawn = axes.barh(list(values), list(values.values()), color=["#1f6f8b", *["#b8c4cc"] * (len(values) - 1)])
    axes.bar_label(drawn, [f" {value:,.0f}" for value in values.values()])
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.set_title(title)
    axes.margins(x=0.2)
    axes.spines[["top", "right"]].set_visible(False)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(FOLDER / file, dpi=120)
