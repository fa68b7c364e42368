"""`giao run`, `giao worker` and `giao migrate`."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from waitress import create_server, wasyncore

from marketplace.app import create_app
from marketplace.commands.opening import exchange, log_to_terminal, migrated
from marketplace.demo import loading
from marketplace.runtime import Runtime
from marketplace.settings import Settings, write_missing_secrets
from marketplace.working import Working

log = logging.getLogger("giao")

THREADS = 8
LAST_ANSWERS = 10.0  # seconds given to requests in flight when the process is told to stop


@click.command()
def migrate() -> None:
    """Bring the database to the schema this version needs."""
    runtime = Runtime(Settings.from_environment())
    migrated(runtime)
    runtime.close()
    click.echo("The database is up to date.")


@click.command()
@click.option("--demo/--no-demo", default=True, help="Load the demonstration listings into a new exchange.")
def run(demo: bool) -> None:
    """Set up what is missing and serve the exchange: web, readers and jobs in one process."""
    log_to_terminal()
    write_missing_secrets(Settings.data_folder())
    runtime = Runtime(Settings.from_environment())
    migrated(runtime)
    _greet(runtime, demo=demo)
    working = Working(runtime)
    working.start()
    _serve(runtime)
    working.stop()
    runtime.close()


def _greet(runtime: Runtime, *, demo: bool) -> None:
    """Say where the exchange is and, for a demonstration, how to enter."""
    if demo and runtime.settings.loopback and loading.is_empty(runtime):
        click.echo("Loading the demonstration listings …")
        loading.load(runtime)
    click.echo(f"\nGiao is open at {runtime.settings.base_url}")
    if sign_ins := loading.stored_sign_ins(runtime):
        click.echo(f"Demo sign-ins (role, e-mail, password, organisation):\n{sign_ins}")


@click.command()
def worker() -> None:
    """Follow the feed and do the jobs, without serving pages."""
    log_to_terminal()
    with exchange() as runtime:
        working = Working(runtime)
        working.start()
        _asked_to_stop().wait()
        working.stop()


def _serve(runtime: Runtime) -> None:
    """Serve until told to stop, then finish the answers that are under way."""
    address = urlsplit(runtime.settings.base_url)
    sockets: dict[int, Any] = {}
    server = create_server(
        create_app(runtime), map=sockets, host=address.hostname, port=address.port or 80, threads=THREADS,
        ident=None, clear_untrusted_proxy_headers=True,
    )  # fmt: skip
    stop = _asked_to_stop()
    while not stop.is_set():
        wasyncore.poll(0.5, sockets)
    until = time.monotonic() + LAST_ANSWERS
    while time.monotonic() < until and any(channel.requests or channel.total_outbufs_len for channel in _channels(sockets)):
        wasyncore.poll(0.1, sockets)
    server.task_dispatcher.shutdown()
    server.close()


def _channels(sockets: dict[int, Any]) -> list[Any]:
    return [channel for channel in sockets.values() if hasattr(channel, "total_outbufs_len")]


def _asked_to_stop() -> threading.Event:
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, asked)
    return stop
