"""`giao migrate-to`: the whole exchange to other servers, with the proof that nothing was left behind."""

from __future__ import annotations

from contextlib import closing

import click

from marketplace import leases, schema
from marketplace.commands.opening import exchange, require_answer
from marketplace.errors import Conflict
from marketplace.followers import catch_up
from marketplace.presence import Presence
from marketplace.runtime import Runtime
from marketplace.services import comparing, feed, moving, rotation
from marketplace.settings import SettingsError
from marketplace.work import look


@click.command("migrate-to")
@click.option("--database-url", default="", help="An empty database; `postgresql+psycopg://user@host/name`.")
@click.option("--search-url", default="", help="An engine without an index of ours; `http://host:9200`.")
@click.option("--queue-url", default="", help="Where jobs are rung for; `redis://host:6379/0`.")
def migrate_to(database_url: str, search_url: str, queue_url: str) -> None:
    """Copy this exchange to other servers, and check that all of it has arrived. This one is left as it is.

    Stop `giao run` and every worker before. What was interrupted is begun again with the same command.
    """
    if not (database_url or search_url or queue_url):
        raise click.UsageError("Name at least one of --database-url, --search-url, --queue-url.")
    with exchange() as source:
        _require_rest(source)
        new = source.settings.at(database_url=database_url, search_url=search_url, queue_url=queue_url)
        with closing(Runtime(new.unhurried())) as target:
            require_answer(target, "--database-url")
            _require_servers(source, target)
            if new.database_url != source.settings.database_url:
                _move(source, target)
            if new.search_url != source.settings.search_url:
                _fill(target)
    click.echo("Everything has arrived. Now start the exchange with these settings, and with the same")
    click.echo("SECRET_KEYS and SEALED_KEYS; the place it came from is as it was, and may serve as a backup:")
    for name, there in (("DATABASE_URL", database_url), ("SEARCH_URL", search_url), ("QUEUE_URL", queue_url)):
        if there:
            click.echo(f"  {name}  as given to this command")


def _require_rest(source: Runtime) -> None:
    """No process writes its index, holds a lease of it, or shows in its folder that it lives."""
    presence = Presence(source.settings.data_dir, "")
    with look(source) as work:
        held = [one for one in leases.holders(work.session, work.now) if not presence.is_gone(one)]
    writer = source.engine.writer
    if running := [one for one in (writer, *held, *presence.living()) if one]:
        raise Conflict("move_while_running", process=running[0])


def _require_servers(source: Runtime, target: Runtime) -> None:
    """Everything answers and is free before the first row is copied; an index of this very feed was begun before."""
    old, new = source.settings, target.settings
    if new.queue_url != old.queue_url:
        target.queue.state()
    role = schema.standing(target.database)
    if new.database_url != old.database_url and role and not role.migrates:
        raise SettingsError(
            f"--database-url names the role {role.role}, which may make no tables: name that of {role.owner}, the "
            f"owner, and let {role.role} serve afterwards by `giao migrate --grant {role.role}`."
        )
    with look(source) as work:
        ours = ("", feed.state(work).epoch)
    if new.search_url != old.search_url and target.engine.epoch not in ours:
        raise SettingsError(
            "--search-url names an index that is in use already; give another prefix or drop it."
        )


def _move(source: Runtime, target: Runtime) -> None:
    with look(source) as work:
        # A key that is missing is missed now, not when everything has been carried over.
        sealed = rotation.open_all(work)
    if moving.is_there(source, target):
        click.echo("All rows have arrived before; going on from there.")
    else:
        for one in moving.move(source, target):
            if one.rows:
                click.echo(f"{one.table}: {one.rows} rows, digest {one.digest[:16]}")
    with look(target) as work:
        opened = rotation.open_all(work)
    if opened != sealed:
        raise Conflict("move_incomplete", table="sealed")
    click.echo(f"{opened} sealed values open with the keys of this exchange.")


def _fill(target: Runtime) -> None:
    catch_up(target)
    with look(target) as work:
        compared = comparing.compare(work)
    if compared.differences:
        raise Conflict("move_incomplete", table="search")
    click.echo(f"search: {compared.index.count} listings")
