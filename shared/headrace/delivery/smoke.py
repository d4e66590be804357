"""Services in; a sentence for the first that does not answer as it should, real predictions included, out."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from headrace import catalogue
from headrace.delivery import terraform
from headrace.delivery.revisions import CANDIDATE, Service, services
from headrace.delivery.work import Delivery
from headrace.errors import HeadraceError

REQUEST_SECONDS = 60
PAUSE_SECONDS = 2
STARTING = (404, 429, 502, 503)
"""What Cloud Run and a service that loads its model answer for a while, before they answer for good."""

SIGN_IN = (302, 401)
"""How IAP turns away who has not signed in: to Google's page, or with a word."""


class SmokeFailed(HeadraceError):
    """Something that was just deployed does not answer as it should."""


def smoke(delivery: Delivery) -> None:
    """Ask MLflow and every service. Raises SmokeFailed."""
    url = str(terraform.main(delivery).outputs().get("mlflow_url", ""))
    if not url:
        raise SmokeFailed("nothing is deployed here yet: the step `apply` comes first")
    _answers(delivery, "mlflow", f"{url}/health", _identity(delivery, url))
    ask(delivery, services(delivery))


def ask(delivery: Delivery, asked: Iterable[Service]) -> None:
    """Ask what is on trial, or, where nothing is, what serves. Raises SmokeFailed."""
    for service in asked:
        proof = _identity(delivery, service.url)
        url = service.address()
        trial = " (on trial)" if service.tagged(CANDIDATE) else ""
        if service.workload:
            _answers(delivery, service.name, f"{url}/health", proof)
            said = _predicts(delivery, service, url, proof)
        elif service.pages:
            said = _shows(delivery, service, url, proof)
        else:
            said = f"answers {_awake(delivery, service.name, url, proof)}"
        delivery.say(f"{service.name}{trial} {said}")


def _identity(delivery: Delivery, audience: str) -> dict[str, str]:
    """Cloud Run takes this header for itself and leaves `authorization` to the service behind it."""
    token = delivery.account.identity_token(audience)
    key = {"x-api-key": delivery.key} if delivery.key else {}
    return {"x-serverless-authorization": f"Bearer {token}", **key}


def _answers(delivery: Delivery, name: str, url: str, proof: Mapping[str, str]) -> None:
    answer = _settled(delivery, "GET", url, proof, None)
    if answer.status_code != 200:
        raise SmokeFailed(f"{name} is not healthy: {_told(answer)}")


def _awake(delivery: Delivery, name: str, url: str, proof: Mapping[str, str]) -> int:
    """Who takes events alone refuses to be asked, but answers."""
    answer = _settled(delivery, "GET", url, proof, None)
    if answer.status_code >= 500 or answer.status_code in (401, 403):
        raise SmokeFailed(f"{name} does not answer: {_told(answer)}")
    return answer.status_code


def _shows(delivery: Delivery, service: Service, url: str, proof: Mapping[str, str]) -> str:
    """Streamlit's word that it is well; with IAP in front, which takes no proof of ours, that it asks who comes."""
    answer = _settled(delivery, "GET", f"{url}/_stcore/health", {} if service.signs_in else proof, None)
    if service.signs_in and answer.status_code not in SIGN_IN:
        raise SmokeFailed(f"{service.name} asks nobody to sign in: {_told(answer)}")
    if not service.signs_in and answer.status_code != 200:
        raise SmokeFailed(f"{service.name} shows no page: {_told(answer)}")
    return "asks people to sign in" if service.signs_in else "shows its page"


def _predicts(delivery: Delivery, service: Service, url: str, proof: Mapping[str, str]) -> str:
    """A prediction for the workload's own example; before its first champion, the word that there is none."""
    name = service.workload
    ready = _settled(delivery, "GET", f"{url}/ready", proof, None)
    if ready.status_code != 200:
        raise SmokeFailed(f"{service.name} loads no model: {_told(ready)}")
    listed = _settled(delivery, "GET", f"{url}/models", proof, None)
    if listed.status_code == 200 and _champion(listed.json(), name) is None:
        return "has no champion yet, so nothing to predict with"
    answer = _settled(delivery, "POST", f"{url}/models/{name}/predict", proof, catalogue.describe(name).example)
    if answer.status_code == 401:
        raise SmokeFailed(
            f"{service.name} wants a key that it knows: set HEADRACE_API_KEY, or add a version to the secret "
            "headrace-delivery-key where Cloud Build delivers; `headrace key new` makes one"
        )
    if answer.status_code != 200:
        raise SmokeFailed(f"{service.name} does not predict its example: {_told(answer)}")
    return f"predicts {answer.text.strip()[:80]}"


def _champion(said: Mapping[str, Any], name: str) -> object:
    return next((each["champion"] for each in said["models"] if each["name"] == name), None)


def _settled(
    delivery: Delivery, method: str, url: str, proof: Mapping[str, str], body: Mapping[str, Any] | None
) -> requests.Response:
    """The first answer that does not say "not yet", or the last one in time."""
    until = time.monotonic() + delivery.policy.smoke_seconds
    while True:
        trouble = ""
        try:
            answer = requests.request(
                method, url, json=body, headers=dict(proof), timeout=REQUEST_SECONDS, allow_redirects=False
            )
            if answer.status_code not in STARTING or time.monotonic() > until:
                return answer
        except requests.RequestException as error:
            trouble = str(error)
        if time.monotonic() > until:
            raise SmokeFailed(f"nothing answers at {url}: {trouble}")
        time.sleep(PAUSE_SECONDS)


def _told(answer: requests.Response) -> str:
    return f"{answer.request.method} {answer.url} says {answer.status_code} {answer.text.strip()[:300]}"
