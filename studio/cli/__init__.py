"""The command line: `studio serve | run | validate | components`."""

from studio.cli.main import main

__all__ = ["main"]
