"""Exchanges that speak to each other in one process: the requests are real, only the sockets are not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from flask import Flask

from exchange.messages import Answer, Request
from exchange.snapshots import Digested
from marketplace import sync_key
from marketplace.network import Unreachable
from marketplace.runtime import Runtime
from marketplace.services.policy import Actor
from marketplace.services.sync import enrolment
from marketplace.settings import Settings
from marketplace.work import begin
from tests.support.exchanges import embedded_settings
from tests.support.people import person

NATIONAL = "http://127.0.0.1:9100"


@dataclass
class Wires:
    """Carries requests to the application that lives at their address; a cut wire carries nothing."""

    apps: dict[str, Flask] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    cut_paths: set[str] = field(default_factory=set)
    """What does not arrive, whoever asks for it."""
    lost_answers: set[str] = field(default_factory=set)
    """Addresses whose answers do not come back, though the request arrived."""
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        address = f"{parts.scheme}://{parts.netloc}"
        if address in self.cut or address not in self.apps or parts.path in self.cut_paths:
            raise Unreachable("the wire is cut")
        self.sent.append(request)
        answer = self.deliver(request)
        if address in self.lost_answers:
            raise Unreachable("the answer was lost")
        return answer

    def fetch(self, request: Request, into: Digested) -> Answer:
        answer = self.send(request)
        into.write(answer.body)
        return replace(answer, body=b"")

    def deliver(self, request: Request) -> Answer:
        """To the application, as its server would hand it over."""
        parts = urlsplit(request.url)
        app = self.apps[f"{parts.scheme}://{parts.netloc}"]
        with app.test_client().open(
            parts.path, query_string=parts.query, method=request.method, headers=list(request.headers),
            data=request.body or None, environ_overrides={"REQUEST_URI": _target(parts)},
        ) as answer:  # fmt: skip
            return Answer(answer.status_code, tuple(answer.headers.items()), answer.data)


def _target(parts: SplitResult) -> str:
    """Path and query as they went over the wire."""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def local_settings(folder: Path, node_id: str, port: int) -> Settings:
    return replace(
        embedded_settings(folder), node_id=node_id, base_url=f"http://127.0.0.1:{port}", national_url=NATIONAL,
        peer_loopback=True, exchange_name=f"Sàn {node_id}",
    )  # fmt: skip


def national_settings(folder: Path) -> Settings:
    return replace(
        embedded_settings(folder), node_id="national", role="national", base_url=NATIONAL,
        exchange_name="Sàn quốc gia",
    )  # fmt: skip


def admins(runtime: Runtime) -> tuple[Actor, Actor]:
    """Two people who may let an exchange in."""
    with begin(runtime) as work:
        first, second = (person(work, name, {}) for name in ("Lê Thu", "Trần Minh"))
    staff = frozenset({"admin"})
    return replace(first, staff=staff), replace(second, staff=staff)


def key_of(runtime: Runtime) -> str:
    """The name of the key an exchange signs with."""
    return sync_key.ensure(runtime.settings.key_file).kid


def let_in(national: Runtime, local: Runtime) -> None:
    """Both admins have compared the fingerprint of a local exchange."""
    approve(national, admins(national), local)


def approve(national: Runtime, by: tuple[Actor, Actor], local: Runtime) -> None:
    for admin in by:
        with begin(national) as work:
            enrolment.approve(work, admin, key_of(local))
