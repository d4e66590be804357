"""The studio with the proxy's keys at another address, or with another script, which no setting may change."""

import argparse
from pathlib import Path

from headrace.adapters.tokens import GoogleTokens
from services.studio import main
from services.studio.studio import platform

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", default="")
    parser.add_argument("--script", type=Path, default=main.SCRIPT)
    given = parser.parse_args()
    here, main.SCRIPT = platform(), given.script
    if given.keys:
        here.assertions = GoogleTokens(given.keys, "ES256")
    main.serve(main.compose(here), "127.0.0.1", given.port)
