"""`giao audit verify`: whether the log of who did what is as it was written."""

from __future__ import annotations

import click

from marketplace.commands.opening import exchange
from marketplace.services import audit as log
from marketplace.work import look


@click.group()
def audit() -> None:
    """The log of who did what."""


@audit.command()
def verify() -> None:
    """Recompute the whole chain; exit code 1 when an entry was changed, removed or put in."""
    with exchange() as runtime, look(runtime) as work:
        broken = log.verify(work)
    if broken is not None:
        raise click.ClickException(f"Entry {broken} is not as it was written.")
    click.echo("Every entry is as it was written.")
