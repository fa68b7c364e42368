"""`giao run`, `giao worker` and `giao migrate`."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from urllib.parse import urlsplit

import click

from marketplace.app import create_app
from marketplace.commands.opening import exchange, opened
from marketplace.commands.setting_up import migrated
from marketplace.demo import loading
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.settings import Settings, SettingsError, write_missing_secrets
from marketplace.working import Working


@click.command()
def migrate() -> None:
    """Bring the database to the schema this version needs. A new exchange gets its secrets, too."""
    write_missing_secrets(Settings.data_folder())
    with opened() as runtime:
        migrated(runtime)
    click.echo("The database is up to date.")


@click.command()
@click.option("--demo/--no-demo", default=True, help="Load the demonstration listings into a new exchange.")
def run(demo: bool) -> None:
    """Set up what is missing and serve the exchange: web, readers and jobs in one process."""
    _log_to_terminal()
    write_missing_secrets(Settings.data_folder())
    with opened() as runtime:
        migrated(runtime)
        server = _server(runtime)
        _greet(runtime, demo=demo)
        working = Working(runtime)
        working.start()
        server.serve(_asked_to_stop())
        working.stop()


def _greet(runtime: Runtime, *, demo: bool) -> None:
    """Say where the exchange is and, for a demonstration, how to enter."""
    if demo and runtime.settings.loopback and loading.is_empty(runtime):
        click.echo("Loading the demonstration listings …")
        loading.load(runtime)
    # The first page must not meet an empty index; while another process keeps the index, this is its business.
    catch_up(runtime)
    click.echo(f"\nGiao is open at {runtime.settings.base_url}")
    if sign_ins := loading.stored_sign_ins(runtime):
        click.echo(f"Demo sign-ins (role, e-mail, password, organisation):\n{sign_ins}")
        if not runtime.settings.staff_need_second_factor:
            click.echo("Only on this machine may staff go without a second factor.")


@click.command()
def worker() -> None:
    """Follow the feed and do the jobs, without serving pages."""
    _log_to_terminal()
    with exchange() as runtime:
        working = Working(runtime)
        working.start()
        _asked_to_stop().wait()
        working.stop()


def _server(runtime: Runtime) -> Server:
    """Take the port before anything else, so that nobody is sent to somebody else's server."""
    address = urlsplit(runtime.settings.base_url)
    port = address.port or 80
    try:
        return Server(
            create_app(runtime), host=address.hostname or "127.0.0.1", port=port,
            trusted_proxy=runtime.settings.trusted_proxy,
        )  # fmt: skip
    except OSError as error:
        raise SettingsError(f"BASE_URL names port {port}, which cannot be had: {error.strerror}.") from None


def _asked_to_stop() -> threading.Event:
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, asked)
    return stop


def _log_to_terminal() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
