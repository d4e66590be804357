"""The platform and the person who looks, as every page is given them."""

from dataclasses import dataclass

from services.studio.people import Person

from headrace.ports import Platform
from headrace.settings import Settings


@dataclass(frozen=True, slots=True)
class Studio:
    """What a page draws from; `where` has the addresses of the services that are asked directly."""

    platform: Platform
    where: Settings
    person: Person
