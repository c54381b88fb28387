"""Errors on the command line: told in words, with the way out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

EXIT_INVALID = 2


def explain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """A refusal is told in words, with the way out, and ends with code 2."""

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> None:
        from studio.errors import StudioError

        try:
            command(*arguments, **options)
        except StudioError as error:
            from studio.cli.report import problem_lines

            for problem in error.problems():
                for line in problem_lines(problem):
                    click.echo(line, err=True)
            sys.exit(EXIT_INVALID)

    return wrapped
