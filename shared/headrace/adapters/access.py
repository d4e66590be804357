"""A scope in; a session whose requests carry the access token of this process's account out."""

import requests
from google.auth.exceptions import GoogleAuthError

from headrace.errors import Unauthorized


def authorized(scope: str, otherwise: str) -> requests.Session:
    """The token is renewed before it expires.

    Raises Unauthorized when this process is nobody that Google knows; `otherwise` says what then cannot be done.
    """
    import google.auth
    from google.auth.transport.requests import AuthorizedSession  # with cryptography, which a laptop's loop needs not

    try:
        credentials, _ = google.auth.default(scopes=[scope])
    except GoogleAuthError as error:
        raise Unauthorized(
            f"{otherwise}, for Google knows nobody here ({error}); run `gcloud auth application-default "
            "login`, or let GOOGLE_APPLICATION_CREDENTIALS name the file of a service account"
        ) from error
    session: requests.Session = AuthorizedSession(credentials)
    return session
