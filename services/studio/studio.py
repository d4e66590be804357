"""The platform and the person who looks, as every page is given them."""

from dataclasses import dataclass

from headrace.ports import Platform
from headrace.settings import Settings
from headrace.wiring import GoogleCloud, on_gcp
from services.studio.people import Person

PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Studio:
    """What a page draws from; `where` has the addresses of the services that are asked directly."""

    platform: Platform
    where: Settings
    person: Person


def platform() -> GoogleCloud:
    """This process's, which nobody waits for long. Raises SettingsMissing."""
    return on_gcp("mlflow_url", "inference_url", registry_retries=0, patience=PATIENCE_SECONDS)
