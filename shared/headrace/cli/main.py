"""The `headrace` command: every subcommand in a module of its own."""

import typer

from headrace import settings
from headrace.cli.approve import approve, reject
from headrace.cli.audit import audit
from headrace.cli.bundle import bundle
from headrace.cli.check import check
from headrace.cli.connect import connect
from headrace.cli.costs import costs
from headrace.cli.dataset import dataset
from headrace.cli.demo.command import demo
from headrace.cli.deploy import deploy
from headrace.cli.destroy import destroy
from headrace.cli.diagram import diagram
from headrace.cli.doctor import doctor
from headrace.cli.drop import drop
from headrace.cli.key import key
from headrace.cli.new import new
from headrace.cli.pause import pause, resume
from headrace.cli.predict import predict
from headrace.cli.pull import pull
from headrace.cli.rollback import retrain, rollback
from headrace.cli.rotate import rotate_testset
from headrace.cli.score import score
from headrace.cli.stage import stage
from headrace.cli.status import status
from headrace.cli.trace import trace
from headrace.cli.tune import tune
from headrace.cli.up import up

settings.export({"GRPC_VERBOSITY": "NONE"})  # or its core reports on this terminal that a local server has stopped

app = typer.Typer(
    help="Drop data into a bucket, and a better model is serving.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    new,
    up,
    drop,
    predict,
    score,
    status,
    trace,
    approve,
    reject,
    rollback,
    audit,
    retrain,
    rotate_testset,
    pause,
    resume,
    tune,
    check,
    pull,
    connect,
    doctor,
    diagram,
    demo,
    bundle,
    deploy,
    destroy,
    costs,
)
for each in COMMANDS:
    app.command()(each)
app.add_typer(dataset, name="dataset")
app.add_typer(key, name="key")
app.add_typer(stage, name="stage")

if __name__ == "__main__":
    app()
