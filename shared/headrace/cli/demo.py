"""`headrace demo`: the whole loop on shipped data, live."""

from headrace.cli.session import command


@command
def demo() -> None:
    """Run the whole loop."""
