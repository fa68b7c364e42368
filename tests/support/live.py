"""A whole exchange as its users meet it: served by the real server on loopback, readers and jobs at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from marketplace.clock import utc_now
from marketplace.mail import Mail
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.working import Working
from tests.support.compiled import application
from tests.support.exchanges import embedded_settings, opened
from tests.support.mailer import RememberingMailer

PATIENCE = 15  # seconds a letter may take on a busy machine


@dataclass
class Letterbox(RememberingMailer):
    """Letters come from another thread, so they can be waited for."""

    arrived: threading.Condition = field(default_factory=threading.Condition)

    def send(self, mail: Mail) -> None:
        with self.arrived:
            super().send(mail)
            self.arrived.notify_all()


@dataclass
class Live:
    """`address` is where it answers; `letterbox` holds what it has sent."""

    runtime: Runtime
    address: str
    letterbox: Letterbox

    def letter_to(self, email: str) -> Mail:
        """The first letter to this address, once it has come."""
        with self.letterbox.arrived:
            self.letterbox.arrived.wait_for(lambda: self._to(email), PATIENCE)
        return self._to(email)[0]

    def _to(self, email: str) -> list[Mail]:
        return [mail for mail in self.letterbox.sent if mail.to == email]


@contextmanager
def serving(folder: Path, *, role: str = "local") -> Iterator[Live]:
    """An empty exchange on a free port, with the real clock, for as long as the block lasts."""
    letterbox = Letterbox()
    with opened(replace(embedded_settings(folder), role=role), utc_now) as runtime:  # type: ignore[arg-type]  # any clock will do
        runtime.mailer = letterbox
        server = Server(application(runtime), host="127.0.0.1", port=0)
        runtime.settings = replace(runtime.settings, base_url=f"http://127.0.0.1:{server.port}")
        working, stop = Working(runtime), threading.Event()
        working.start()
        answering = threading.Thread(target=server.serve, args=(stop,), daemon=True)
        answering.start()
        try:
            yield Live(runtime, runtime.settings.base_url, letterbox)
        finally:
            stop.set()
            answering.join(20)
            working.stop()
