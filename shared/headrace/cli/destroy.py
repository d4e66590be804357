"""`headrace destroy`: what `headrace deploy` made, gone."""

from typing import Annotated

import typer

from headrace.cli.deploy import Environment, Project, Region, delivery
from headrace.cli.session import ROOT, command, console
from headrace.delivery import teardown, terraform
from headrace.delivery.target import REGION
from headrace.delivery.teardown import Doomed
from headrace.errors import Rejected

NOTHING_YET = "none"


@command
def destroy(
    project: Project,
    region: Region = REGION,
    environment: Environment = "dev",
    with_data: Annotated[bool, typer.Option("--with-data", help="Buckets and databases too, for ever.")] = False,
    yes_destroy: Annotated[str, typer.Option(metavar="PROJECT", help="The project's id, to be asked nothing.")] = "",
) -> None:
    """Say what goes and what stays, have the project's id typed, and take it away. Data stay without --with-data."""
    work = delivery(ROOT, project, region, environment, NOTHING_YET)
    running = teardown.deployed_revision(terraform.main(work).resources())
    work = delivery(ROOT, project, region, environment, running or NOTHING_YET)
    doomed = teardown.survey(work, with_data)
    if not doomed.going:
        console.print(f"nothing of {environment} is left in {project}", highlight=False)
        return
    _tell(doomed)
    typed = yes_destroy or typer.prompt(f"Type the project's id, {project}, to destroy it")
    if typed != project:
        raise Rejected(f"{typed!r} is not {project!r}: nothing was changed")
    teardown.destroy(work, doomed)
    console.print(f"{len(doomed.going)} resources of {environment} are gone from {project}", highlight=False)
    console.print(
        f"The registry, the state's bucket and the deployer stay; `gcloud projects delete {project}` takes all of it",
        highlight=False,
        soft_wrap=True,
    )


def _tell(doomed: Doomed) -> None:
    for title, resources in (("goes", doomed.going), ("stays", doomed.staying)):
        for each in resources:
            line = f"{title:<6} {each.address}  {each.name}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
