"""An empty project in; APIs, the state's bucket, a registry and the deployer's account out."""

from headrace.delivery import apis, terraform
from headrace.delivery.commands import CommandFailed
from headrace.delivery.work import Delivery
from headrace.errors import Rejected


def bootstrap(delivery: Delivery) -> None:
    """Make what every delivery needs; a repeat changes nothing.

    The bucket of the state has to be there before Terraform can start, so gcloud makes it, and Terraform takes it over.
    """
    apis.enable(delivery, apis.FIRST)
    _state_bucket(delivery)
    root = terraform.bootstrap(delivery)
    root.init()
    root.plan()
    root.apply()


def _state_bucket(delivery: Delivery) -> None:
    bucket = f"gs://{delivery.target.state_bucket}"
    project = f"--project={delivery.target.project}"
    try:
        delivery.gcloud("storage", "buckets", "describe", bucket, "--format=value(name)")
    except CommandFailed as error:
        if "not found" not in error.output and "404" not in error.output:
            raise Rejected(
                f"{bucket} cannot be looked at; bucket names are shared by everybody, and another project may have it: "
                f"{error}"
            ) from error
        region = f"--location={delivery.target.region}"
        safe = ("--uniform-bucket-level-access", "--public-access-prevention")
        delivery.commands.run("gcloud", "storage", "buckets", "create", bucket, region, *safe, project)
    delivery.commands.run("gcloud", "storage", "buckets", "update", bucket, "--versioning", project)
