"""A container image's name in; the local command that stands for it out."""

import argparse
import shlex
from collections.abc import Iterable


class UnknownImageError(Exception):
    """No local command stands for the image."""


class Images:
    """The images this machine can run, each a shell-split command."""

    def __init__(self, commands: Iterable[tuple[str, str]]) -> None:
        self._commands = {name: shlex.split(command) for name, command in commands}

    def command(self, image: str) -> list[str]:
        """The command that starts `image`; its container's arguments come after it."""
        if image not in self._commands:
            known = ", ".join(sorted(self._commands)) or "none"
            raise UnknownImageError(
                f"no local command stands for image {image!r} (known: {known}); give --image {image}=COMMAND"
            )
        return list(self._commands[image])


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--image NAME=COMMAND` and `--env KEY=VALUE`, both repeatable, read as pairs."""
    parser.add_argument(
        "--image",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="a container of image NAME runs COMMAND, followed by the container's arguments; repeatable",
    )
    parser.add_argument(
        "--env",
        type=_pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an environment variable of every task; repeatable",
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
