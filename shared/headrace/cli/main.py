"""The `headrace` command: every subcommand in a module of its own."""

import typer

from headrace import settings
from headrace.cli.check import check
from headrace.cli.demo.command import demo
from headrace.cli.diagram import diagram
from headrace.cli.doctor import doctor
from headrace.cli.drop import drop
from headrace.cli.predict import predict
from headrace.cli.rollback import retrain, rollback
from headrace.cli.status import status
from headrace.cli.trace import trace
from headrace.cli.up import up

settings.export({"GRPC_VERBOSITY": "NONE"})  # or its core reports on this terminal that a local server has stopped

app = typer.Typer(
    help="Drop data into a bucket, and a better model is serving.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for each in (up, drop, predict, status, trace, rollback, retrain, check, doctor, diagram, demo):
    app.command()(each)

if __name__ == "__main__":
    app()
