"""Built images in; the vulnerabilities that keep them from being pushed out."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from headrace.delivery.images import images
from headrace.delivery.policy import SEVERITIES, Scan
from headrace.delivery.work import Delivery
from headrace.errors import HeadraceError, Unavailable

LOCATIONS = ("us", "europe", "asia")
SHOWN = 10


class Vulnerable(HeadraceError):
    """An image has vulnerabilities that `infra/delivery.yaml` refuses."""


def scan(delivery: Delivery) -> None:
    """Have Artifact Analysis look at every image before it leaves this machine. Raises Vulnerable, for all at once."""
    refused: list[str] = []
    for image in images(delivery.target.root):
        found = _found(delivery, delivery.target.image(image.name))
        counts = Counter(each["vulnerability"]["effectiveSeverity"] for each in found)
        told = ", ".join(f"{counts[severity]} {severity.lower()}" for severity in SEVERITIES[::-1] if counts[severity])
        delivery.say(f"{image.name}: {told or 'nothing known'}")
        refused += [f"{image.name}: {line}" for line in _refused(found, delivery.policy.scan)]
    if refused:
        more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
        raise Vulnerable(
            f"infra/delivery.yaml lets nothing through that is {delivery.policy.scan.refuse.lower()} or worse: "
            f"{'; '.join(refused[:SHOWN])}{more}. A newer base image or a newer version in constraints.txt mends most"
        )


def _found(delivery: Delivery, image: str) -> list[dict[str, Any]]:
    delivery.say(f"scanning {image}")
    location = _nearest(delivery.target.region)
    name = delivery.gcloud(
        "artifacts", "docker", "images", "scan", image, f"--location={location}", "--format=value(response.scan)"
    )
    if not name:
        raise Unavailable(f"the scan of {image} gave no result; is the image built on this machine?")
    answer = delivery.gcloud("artifacts", "docker", "images", "list-vulnerabilities", name, "--format=json")
    found: list[dict[str, Any]] = json.loads(answer or "[]")
    return found


def _nearest(region: str) -> str:
    continent = region.partition("-")[0]
    return continent if continent in LOCATIONS else LOCATIONS[0]


def _refused(found: list[dict[str, Any]], policy: Scan) -> Iterator[str]:
    for each in found:
        what = each["vulnerability"]
        severity = what["effectiveSeverity"]
        bad = severity in SEVERITIES and SEVERITIES.index(severity) >= SEVERITIES.index(policy.refuse)
        if bad and (what.get("fixAvailable") or not policy.fixable_only):
            packages = ", ".join(sorted({issue["affectedPackage"] for issue in what.get("packageIssue", ())}))
            yield f"{what.get('shortDescription', each['noteName'])} in {packages}"
