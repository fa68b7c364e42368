"""A whole exchange as its users meet it: served by the real server on loopback, readers and jobs at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from marketplace.app import create_app
from marketplace.clock import utc_now
from marketplace.mail import Mail
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.working import Working
from tests.support.exchanges import embedded_settings, opened
from tests.support.mailer import RememberingMailer


@dataclass
class Live:
    """`address` is where it answers; `letters` what it has sent."""

    runtime: Runtime
    address: str
    letters: list[Mail]


@contextmanager
def serving(folder: Path) -> Iterator[Live]:
    """An empty exchange on a free port, with the real clock, for as long as the block lasts."""
    mailer = RememberingMailer()
    with opened(embedded_settings(folder), utc_now) as runtime:  # type: ignore[arg-type]  # any clock will do
        runtime.mailer = mailer
        server = Server(create_app(runtime), host="127.0.0.1", port=0)
        runtime.settings = replace(runtime.settings, base_url=f"http://127.0.0.1:{server.port}")
        working, stop = Working(runtime), threading.Event()
        working.start()
        answering = threading.Thread(target=server.serve, args=(stop,), daemon=True)
        answering.start()
        try:
            yield Live(runtime, runtime.settings.base_url, mailer.sent)
        finally:
            stop.set()
            answering.join(20)
            working.stop()
