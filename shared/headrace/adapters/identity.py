"""The address of a service that only callers known to Cloud Run reach in; requests that prove who calls out."""

import threading
import time

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from requests import PreparedRequest
from requests.auth import AuthBase

from headrace import settings
from headrace.errors import Unauthorized

NAME = "headrace"
"""What MLFLOW_TRACKING_AUTH says for MLflow's client to prove itself so."""

EARLY_SECONDS = 300


class Identity(AuthBase):
    """Adds Google's identity token for `service`, an hour's worth at a time, to requests that go there and only there.

    Raises Unauthorized when this process is nobody that Google knows.
    """

    def __init__(self, service: str) -> None:
        self._service = service.rstrip("/")
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request, with the token where it goes to the service."""
        if f"{request.url}/".startswith(f"{self._service}/"):
            request.headers["Authorization"] = f"Bearer {self._current()}"
        return request

    def _current(self) -> str:
        with self._lock:
            if time.time() > self._until - EARLY_SECONDS:
                self._token = _minted(self._service)
                self._until = float(jwt.decode(self._token, verify=False)["exp"])
            return self._token


class MlflowIdentity:
    """MLflow's plugin: every request of its client to the tracking server proves who calls."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def get_name(self) -> str:
        """What selects the plugin."""
        return NAME

    def get_auth(self) -> Identity:
        """Asked for each request, for the server that MLflow tracks into by now."""
        import mlflow

        service = mlflow.get_tracking_uri()
        return self._known.setdefault(service, Identity(service))


def prove(url: str) -> None:
    """From now on MLflow's client proves to the tracking server at `url` who calls, where that is https."""
    import mlflow

    if url.startswith("https://"):
        settings.export({"MLFLOW_TRACKING_AUTH": NAME})
        mlflow.set_tracking_uri(url)


def _minted(service: str) -> str:
    try:
        return str(id_token.fetch_id_token(Request(), service))
    except GoogleAuthError as error:
        raise Unauthorized(
            f"Google gives no identity token for {service} here ({error}); let GOOGLE_APPLICATION_CREDENTIALS name the "
            "file of a service account, or the one that "
            "`gcloud auth application-default login --impersonate-service-account=…` writes"
        ) from error
