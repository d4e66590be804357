"""The stack's state folder in; the secrets that the cloud keeps in Secret Manager, made once and kept, out."""

import base64
import json
import secrets
from pathlib import Path


def load(state: Path) -> dict[str, str]:
    """The webhook secret, and the key with which MLflow encrypts it at rest; readable by the owner alone."""
    file = state / "secrets.json"
    if not file.is_file():
        file.touch(mode=0o600)
        made = {
            "HEADRACE_WEBHOOK_SECRET": secrets.token_urlsafe(32),
            "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        file.write_text(json.dumps(made))
    return dict(json.loads(file.read_text()))
