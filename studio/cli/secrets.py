"""`studio secret`: values that pipelines only name."""

from __future__ import annotations

import click

from studio.cli.explain import explain_errors


@click.group()
def secret() -> None:
    """Keep values that pipelines only name, such as tokens."""


@secret.command(name="set")
@click.argument("name")
@click.option("--value", prompt=True, hide_input=True, help="Else it is asked for, unseen.")
@explain_errors
def set_(name: str, value: str) -> None:
    """Keep a value under a name."""
    from studio.secrets import Secrets
    from studio.settings import load_settings

    Secrets(load_settings().home).put(name, value)


@secret.command(name="list")
@explain_errors
def list_() -> None:
    """List the names."""
    from studio.secrets import Secrets
    from studio.settings import load_settings

    for name in Secrets(load_settings().home).names():
        click.echo(name)


@secret.command()
@click.argument("name")
@explain_errors
def remove(name: str) -> None:
    """Forget a value."""
    from studio.secrets import Secrets
    from studio.settings import load_settings

    Secrets(load_settings().home).remove(name)
