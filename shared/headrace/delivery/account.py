"""gcloud's login in; who deploys, and what proves it, out."""

from functools import cached_property

from headrace.delivery.commands import Commands
from headrace.errors import Rejected

SERVICE_ACCOUNT = "gserviceaccount.com"


class Account:
    """The account that gcloud works as."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @cached_property
    def name(self) -> str:
        """Its address. Raises Rejected when nobody is logged in."""
        found = self._commands.ask("gcloud", "auth", "list", "--filter=status:ACTIVE", "--format=value(account)")
        if not found:
            raise Rejected("nobody is logged in: `gcloud auth login`")
        return found.splitlines()[0]

    @property
    def is_person(self) -> bool:
        """Whether somebody works under their own name."""
        return not self.name.endswith(SERVICE_ACCOUNT)

    def for_terraform(self) -> dict[str, str]:
        """Variables by which Terraform works as this account.

        A person logs in once, not a second time for Terraform. A service account's own credentials are found by
        Terraform and last longer than a token would.
        """
        if not self.is_person:
            return {}
        return {"GOOGLE_OAUTH_ACCESS_TOKEN": self.access_token()}

    def access_token(self) -> str:
        """What Google's APIs let this account in with."""
        return self._commands.ask("gcloud", "auth", "print-access-token")

    def identity_token(self, audience: str) -> str:
        """What lets this account in at the Cloud Run service whose address is `audience`.

        A person's token is good everywhere, and takes no audience. A service account signs its own through IAM: what
        GitHub's token was exchanged for can sign none by itself.
        """
        words = ["gcloud", "auth", "print-identity-token"]
        if not self.is_person:
            words += [f"--impersonate-service-account={self.name}", f"--audiences={audience}", "--include-email"]
        return self._commands.ask(*words)
