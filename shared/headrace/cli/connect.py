"""`headrace connect`: what to paste into a notebook."""

from typing import Annotated

import typer

from headrace import catalogue
from headrace.cli import session
from headrace.cli.session import HERE, State, command

LINES = """\
# Once, in the notebook's environment: pip install ".[notebook]", where this project's code lies.
import mlflow

from headrace import notebook

nb = notebook.connect({arguments})
folder = nb.dataset("{workload}")  # the data that the champion was trained on
print(*sorted(folder.rglob("*")), sep="\\n")

mlflow.set_experiment("notebooks")
with mlflow.start_run(tags={{"headrace.dataset": folder.name}}):
    mlflow.log_metric("files", sum(path.is_file() for path in folder.rglob("*")))"""

SIGN_IN = """\
# Cloud Run and the buckets ask who you are: as a service account that you may impersonate (on Colab too),
#   gcloud auth application-default login --impersonate-service-account=NAME@{project}.iam.gserviceaccount.com
# and then let GOOGLE_APPLICATION_CREDENTIALS name the file that this writes."""


@command
def connect(
    workload: Annotated[str, typer.Argument(help="The workload whose data the example reads.")] = "loan_default",
    state: State = HERE,
) -> None:
    """Print the Python that tracks into this MLflow and reads a dataset version, from a notebook anywhere."""
    catalogue.describe(workload)
    where = session.connect(state).settings
    arguments = [f'url="{where.mlflow_url}"', f'project="{where.project}"']
    if where.storage_endpoint:
        arguments.append(f'storage="{where.storage_endpoint}"')
    else:
        print(SIGN_IN.format(project=where.project))
    print(LINES.format(arguments=", ".join(arguments), workload=workload))
