"""What each environment is expected to hold, one line a resource, so that a change of topology shows in review."""

from pathlib import Path

HERE = Path(__file__).parent
