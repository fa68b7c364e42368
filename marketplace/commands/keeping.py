"""`giao reindex`, `giao erase` and `giao seal rotate`: looking after an exchange."""

from __future__ import annotations

import click

from marketplace import reindexing
from marketplace.commands.opening import exchange
from marketplace.commands.progress import progress
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import erasure_requests, feed, rotation
from marketplace.services.policy import SYSTEM
from marketplace.work import begin, look


@click.command()
@click.option("--progress", "shown", is_flag=True, help="Show on stderr how far it is.")
@click.option("--back", is_flag=True, help="Let the index before this one answer again, and fill nothing.")
def reindex(*, shown: bool, back: bool) -> None:
    """Fill a new search index from the database, and let it answer when it is full.

    The present index answers until then, and posting goes on. It is kept; the next reindex removes it.
    """
    with exchange() as runtime:
        if back:
            runtime.engine.back()
            click.echo("The index before this one answers again.")
        else:
            _fill(runtime, shown=shown)
        caught_up = catch_up(runtime)
        count = runtime.engine.count()
    click.echo(f"{count} listings are searchable.")
    if not caught_up:
        click.echo("What was posted meanwhile is added by the process that keeps the index.")


def _fill(runtime: Runtime, *, shown: bool) -> None:
    if shown:
        with look(runtime) as work:
            head = feed.state(work).head
        with progress("Reindexing", head) as show:
            done = reindexing.reindex(runtime, told=lambda at, head: show(at, f"{at:,} of {head:,}"))
    else:
        done = reindexing.reindex(runtime)
    if done.refused:
        click.echo(f"{done.refused} records could not be indexed; `giao doctor` names them.", err=True)


@click.command()
@click.argument("uid")
@click.option(
    "--ground", required=True,
    help="The law or right that asks for it, in a sentence of at most 300 characters. It stays, so it must not repeat "
    "what the listing says.",
)  # fmt: skip
def erase(uid: str, *, ground: str) -> None:
    """Ask that a listing of ours be erased for good, here and on every exchange that has it: where the law asks for it.

    Nothing is erased yet: it takes two people, and a terminal is nobody in particular. Somebody with the right to it, signed
    in, confirms or refuses on the page whose address is printed. Then what it said is gone; that it was there, and when it
    went, stays. Rooms and term sheets of its deals belong to their parties and are left.

    Exit code 0: it is asked for. 1: refused, for there is no such listing of ours, one asks for it already, or the ground is
    missing or too long.
    """
    with exchange() as runtime, begin(runtime) as work:
        request_id = erasure_requests.ask(work, SYSTEM, uid, ground)
    click.echo(f"Asked for. Somebody else confirms it at {runtime.settings.base_url}/erasures/{request_id}")


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
