"""Speaking to one other exchange: signed requests, and answers that count only when that exchange has signed them."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from exchange.envelope import written
from exchange.handovers import KeySet
from exchange.keys import KeyRecord, PrivateKey
from exchange.messages import Answer, Headers, Request
from exchange.problems import STATUSES, Refused
from exchange.reading import MOST_BYTES, Members, read_json
from exchange.signing import LABEL, Signature, Unproven, sign_request, verify_answer
from exchange.snapshots import Digested
from marketplace import sync_key
from marketplace.errors import Unavailable
from marketplace.network import Unreachable
from marketplace.runtime import Runtime

JSON = "application/json"
OLD, NEW = "old", "new"
"""Labels of the two signatures by which a key is followed by another."""


class NoAnswer(Exception):
    """Nothing came back that the peer has signed: what became of the request is not known. `status` is 0 when there
    was no answer at all."""

    def __init__(self, what: str, status: int = 0) -> None:
        super().__init__(what)
        self.status = status


@dataclass(frozen=True, slots=True)
class Peering:
    """One exchange as we speak to it. `keys` are those pinned for it; `offset` is added to our clock, in seconds; `key`
    signs instead of the one in use."""

    runtime: Runtime
    node: str
    base_url: str
    keys: Mapping[str, KeyRecord]
    offset: int = 0
    key: PrivateKey | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *headers: tuple[str, str],
        also: PrivateKey | None = None,
    ) -> bytes:
        """The body of a good answer. Raises `NoAnswer`, or `Refused` with what the peer has signed for.

        `also` is a key that is to follow ours: it signs too, labelled `new`.
        """
        request = self.signed(method, path, body, headers, also)
        answer = _reached(lambda: self.runtime.network.send(request))
        self._prove(answer, request)
        if answer.status >= 400:
            raise refusal(answer)
        return answer.body

    def fetch(self, path: str, file: BinaryIO) -> None:
        """Have a good answer to a GET written to `file`, which is at its beginning afterwards. Raises as `ask` does."""
        request, into = self.signed("GET", path, b"", ()), Digested(file)
        answer = _reached(lambda: self.runtime.network.fetch(request, into))
        file.seek(0)
        self._prove(answer, request, into.digest)
        if answer.status >= 400:
            raise refusal(replace(answer, body=file.read(MOST_BYTES)))

    def _prove(self, answer: Answer, request: Request, digest: str = "") -> None:
        try:
            verify_answer(
                answer, request, lambda node, kid: self.keys.get(kid), node=self.node, digest=digest
            )
        except Unproven as error:
            raise NoAnswer(f"HTTP {answer.status}: {error}", answer.status) from None

    def signed(
        self, method: str, path: str, body: bytes, headers: Headers, also: PrivateKey | None = None
    ) -> Request:
        runtime = self.runtime
        more = (("Content-Type", JSON),) if body else ()
        request = Request(
            method, self.base_url + path, (*more, ("XS-Node", runtime.settings.node_id), *headers), body
        )
        created = int(runtime.clock().timestamp()) + self.offset
        first = Signature(created, secrets.token_urlsafe(16), OLD if also else LABEL)
        request = sign_request(request, self.key or own_key(runtime), first)
        return (
            sign_request(request, also, Signature(created, secrets.token_urlsafe(16), NEW))
            if also
            else request
        )


def _reached(send: Callable[[], Answer]) -> Answer:
    try:
        return send()
    except Unreachable as error:
        raise NoAnswer(str(error)) from None


def own_key(runtime: Runtime) -> PrivateKey:
    return sync_key.read(runtime.settings.key_file)


def refusal(answer: Answer) -> Refused:
    """What a problem answer says; one that cannot be read is as if the peer could not answer."""
    try:
        said = Members(read_json(answer.body))
        code = said.text("code")
        if code not in STATUSES:
            code = "unavailable" if answer.status >= 500 else "malformed"
        wait = answer.header("retry-after")
        more = {name: value for name, value in said.items() if name not in ("code", "detail")}
        return Refused(
            code,
            said.optional("detail", most=2_000),
            retry_after=int(wait) if wait.isdigit() else None,
            **more,
        )
    except Refused:
        return Refused("unavailable", f"HTTP {answer.status} without a readable problem")


def packed(record: Any) -> tuple[bytes, tuple[str, str]]:
    """Plain data as a gzip body, and the header that says so."""
    return gzip.compress(written(record), compresslevel=1, mtime=0), ("Content-Encoding", "gzip")


@dataclass(frozen=True, slots=True)
class Card:
    """What an exchange says of itself before it is known, and the keys it says are its own."""

    node_id: str
    role: str
    name: Mapping[str, str]
    base_url: str
    key_set: KeySet


def read_card(runtime: Runtime, base_url: str) -> Card:
    """Ask an exchange that is not known yet. Raises `Unavailable`."""
    try:
        card = Members(_open(runtime, f"{base_url}/.well-known/xsync"))
        name = card.inside("name")
        return Card(
            card.text("node_id"), card.text("role"), {"vi": name.optional("vi"), "en": name.optional("en")},
            base_url, read_keys(runtime, base_url),
        )  # fmt: skip
    except (Unreachable, Refused) as error:
        raise Unavailable("national_away", url=base_url, why=str(error)) from None


def read_keys(runtime: Runtime, base_url: str) -> KeySet:
    """What an exchange says of its keys, to anybody and without a signature: each hand-over carries its own.

    Raises `Unreachable` and `Refused`.
    """
    return KeySet.read(_open(runtime, f"{base_url}/sync/v1/keys"))


def _open(runtime: Runtime, url: str) -> Any:
    answer = runtime.network.send(Request("GET", url, (("Accept", JSON),)))
    if answer.status != 200:
        raise Unreachable(f"HTTP {answer.status}")
    return read_json(answer.body)
