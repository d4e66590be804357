"""Pulls what a SQL query returns into the data bucket, where it becomes a dataset version like any other upload."""

from headrace.sql.pulling import Pulled, pull

__all__ = ["Pulled", "pull"]
