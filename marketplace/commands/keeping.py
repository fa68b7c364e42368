"""`giao reindex` and `giao seal rotate`: looking after an exchange."""

from __future__ import annotations

import click

from marketplace.commands.opening import exchange
from marketplace.followers import catch_up
from marketplace.services import feed, rotation
from marketplace.work import begin, look


@click.command()
def reindex() -> None:
    """Fill the search index again from the database."""
    with exchange() as runtime:
        with look(runtime) as work:
            epoch = feed.state(work).epoch
        runtime.engine.start(epoch)
        catch_up(runtime)
        count = runtime.engine.count()
    click.echo(f"{count} listings are searchable.")


@click.group()
def seal() -> None:
    """What is confidential and encrypted."""


@seal.command()
def rotate() -> None:
    """Encrypt everything anew with the first key of SEALED_KEYS. May be stopped and run again."""
    total = 0
    with exchange() as runtime:
        while True:
            with begin(runtime) as work:
                count = rotation.rotate(work)
            if not count:
                break
            total += count
        key = runtime.seal.current
    click.echo(f"{total} sealed values were written with the key {key}; older keys are no longer needed.")
