"""`giao run`, its parts `giao web`, `giao worker` and `giao scheduler`, and `giao migrate`."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from types import FrameType
from urllib.parse import urlsplit

import click

from marketplace import logs, metrics, schema
from marketplace.app import create_app
from marketplace.collecting import seldom
from marketplace.commands.database_role import of_role
from marketplace.commands.opening import exchange, opened
from marketplace.commands.setting_up import migrated
from marketplace.counted import Counted
from marketplace.demo import loading
from marketplace.followers import catch_up
from marketplace.leases import a_name
from marketplace.presence import Presence
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.settings import Settings, SettingsError, write_missing_secrets
from marketplace.working import Timekeeping, Working


@click.command()
@click.option(
    "--grant", "role", help="A role of PostgreSQL under which the exchange is to serve, with no more rights."
)
def migrate(role: str | None) -> None:
    """Bring the database to the schema this version needs. A new exchange gets its secrets, too.

    On PostgreSQL run it as the owner of the tables. With --grant another role may serve: read and write, but make no
    table and change nothing of the audit trail. It is granted once; later migrations remember it.
    """
    write_missing_secrets(Settings.data_folder())
    with opened() as runtime:
        migrated(runtime)
        click.echo("The database is up to date.")
        if role:
            finding = of_role(schema.grant(runtime.database, role))
            click.echo(
                f"{finding.what}: {finding.detail}" + (f"\n    {finding.mend}" if finding.mend else "")
            )


@click.command()
@click.option("--demo/--no-demo", default=True, help="Load the demonstration listings into a new exchange.")
def run(demo: bool) -> None:
    """Set up what is missing and serve the exchange: web, readers and jobs in one process."""
    write_missing_secrets(Settings.data_folder())
    with opened(unhurried=False) as runtime:
        _log(runtime)
        migrated(runtime)
        counted = Counted()
        server = _server(runtime, counted, *_own_address(runtime))
        _greet(runtime, demo=demo)
        working = Working(runtime)
        working.start()
        with metrics.serving(runtime, counted), seldom():
            server.serve(_asked_to_stop())
        working.stop()


@click.command()
@click.option("--host", help="Address to listen on; by default that of BASE_URL.")
@click.option("--port", type=int, help="Port to listen on; by default that of BASE_URL.")
def web(host: str | None, port: int | None) -> None:
    """Serve pages and nothing else, for an exchange whose workers run beside."""
    with exchange(unhurried=False) as runtime:
        _log(runtime)
        counted = Counted()
        own_host, own_port = _own_address(runtime)
        server = _server(runtime, counted, host or own_host, own_port if port is None else port)
        presence = Presence(runtime.settings.data_dir, a_name())
        presence.show()  # It holds no lease; without this `migrate-to` would leave behind what people post meanwhile.
        with metrics.serving(runtime, counted), seldom():
            server.serve(_asked_to_stop())
        presence.withdraw()


def _greet(runtime: Runtime, *, demo: bool) -> None:
    """Say where the exchange is and, for a demonstration, how to enter."""
    if demo and runtime.settings.loopback and loading.is_empty(runtime):
        _say("Loading the demonstration listings …")
        loading.load(runtime)
    # The first page must not meet an empty index; while another process keeps the index, this is its business.
    catch_up(runtime)
    _say(f"\nGiao is open at {runtime.settings.base_url}")
    if sign_ins := loading.stored_sign_ins(runtime):
        _say(f"Demo sign-ins (role, e-mail, password, organisation):\n{sign_ins}")
        if not runtime.settings.staff_need_second_factor:
            _say("Only on this machine may staff go without a second factor.")


def _say(words: str) -> None:
    """Nobody need listen: an exchange serves though its terminal is gone or the disk of its log is full."""
    with suppress(OSError):
        click.echo(words)


@click.command()
def worker() -> None:
    """Follow the feed, do the jobs and keep the timetable, without serving pages. Any number may run."""
    _work(Working)


@click.command()
def scheduler() -> None:
    """Keep the timetable and nothing else. Any number may run; one at a time keeps it, workers included."""
    _work(Timekeeping)


def _work(part: type[Working] | type[Timekeeping]) -> None:
    with exchange() as runtime:
        _log(runtime)
        _ = runtime.own_terms  # As for pages: what cannot be read stops the start.
        working = part(runtime)
        working.start()
        with metrics.serving(runtime, Counted()), seldom():
            _asked_to_stop().wait()
        working.stop()


def _own_address(runtime: Runtime) -> tuple[str, int]:
    address = urlsplit(runtime.settings.base_url)
    return address.hostname or "127.0.0.1", address.port or 80


def _server(runtime: Runtime, counted: Counted, host: str, port: int) -> Server:
    """Take the port before anything else, so that nobody is sent to somebody else's server."""
    app = create_app(runtime, counted)
    try:
        return Server(app, host=host, port=port, trusted_proxy=runtime.settings.trusted_proxy)
    except OSError as error:
        raise SettingsError(f"BASE_URL names port {port}, which cannot be had: {error.strerror}.") from None


def _asked_to_stop() -> threading.Event:
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, asked)
    return stop


def _log(runtime: Runtime) -> None:
    logs.set_up(runtime.settings.log_format, runtime.settings.node_id)
