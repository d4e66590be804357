"""What the handlers may ask of the world, as protocols; the adapters fulfil them on Google Cloud, fakes in tests."""

from headrace.ports.bus import Bus, Message
from headrace.ports.jobs import Job, Jobs, JobSpec, LogLine, Logs, Runs
from headrace.ports.objects import Objects, Stat
from headrace.ports.platform import Clock, People, Platform, Tokens
from headrace.ports.registry import Logged, Registry, Tracked, Version

__all__ = [
    "Bus",
    "Clock",
    "Job",
    "JobSpec",
    "Jobs",
    "LogLine",
    "Logged",
    "Logs",
    "Message",
    "Objects",
    "People",
    "Platform",
    "Registry",
    "Runs",
    "Stat",
    "Tokens",
    "Tracked",
    "Version",
]
