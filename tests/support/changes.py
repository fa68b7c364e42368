"""An exchange that serves its feed over a real socket of this machine, sends nothing, and misbehaves when a test says so."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from exchange.canonical import content_hash
from exchange.changes import Page
from exchange.items import Item
from exchange.sessions import Cursor
from exchange.snapshots import Digested, Head, write_snapshot
from tests.exchange.making import ulid
from tests.support.answering import answering, write
from vocabulary.listing import Content, Text, as_record

NODE = "kho-oai"


def record(
    number: int, title: str = "", *, rev: int = 1, node: str = NODE, kind: str = "offer", **more: Any
) -> Item:
    """The record of this number as its home publishes it; `body` is another one, a text the reason of its going."""
    uid, said = f"{node}:{kind}:{ulid(number)}", more.pop("body", None)
    if said is None:
        said = _body(title or f"Máy số {number}", more.pop("description", "Mô tả đủ dài để đăng."))
    op = more.pop("op", "upsert" if isinstance(said, dict) else "delete")
    digest = content_hash(uid=uid, kind=kind, schema=f"{kind}/1.0", op=op, body=said)
    made = Item(uid, kind, f"{kind}/1.0", op, rev, number, digest, said)
    return replace(made, **more)


def _body(title: str, description: str) -> dict[str, Any]:
    content = as_record(Content("offer", "vi", texts={"vi": Text(title=title, description=description)}))
    return {
        "content": content, "published_at": "2026-11-01T00:00:00+00:00", "updated_at": "2026-11-01T00:00:00+00:00",
        "expires_at": "2027-11-01T00:00:00+00:00", "mark": "", "ground": "",
        "organisation": {"id": "vien", "name": "Viện Cơ điện"},
    }  # fmt: skip


@dataclass
class Feed:
    """`instead`: what stands at its changes, as status and body; `snapshot`: its snapshot, None for one of what it has.

    `told` are members in which its pages lie, `raw` records that stand on its first page besides, `broken` cursors
    whose page is answered with 503.
    """

    items: dict[str, Item] = field(default_factory=dict)
    epoch: str = "e1"
    head: int = 0
    size: int = 3
    instead: tuple[int, bytes] | None = None
    snapshot: tuple[int, bytes] | None = (404, b"")
    told: dict[str, Any] = field(default_factory=dict)
    raw: list[Any] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Cursors asked for, or `snapshot`, in their order."""
    url: str = ""
    now: str = ""

    def put(self, *items: Item) -> None:
        """Publish them, each at the head of the feed."""
        for one in items:
            self.head += 1
            self.items.pop(one.uid, None)
            self.items[one.uid] = replace(one, seq=self.head)

    def restored(self, epoch: str, *items: Item) -> None:
        """Begin another epoch, with these records and no others."""
        self.items, self.head, self.epoch = {}, 0, epoch
        self.put(*items)

    def drop(self, *numbers: int) -> None:
        """Forget records without a word."""
        for number in numbers:
            del self.items[record(number).uid]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        status, said = self.answer(handler.path)
        write(handler, status, said, {"Content-Type": "application/json", **self.headers})

    def answer(self, path: str) -> tuple[int, bytes]:
        parts = urlsplit(path)
        since = dict(parse_qsl(parts.query)).get("since", "")
        whole = parts.path.endswith("/snapshot")
        self.asked.append("snapshot" if whole else since)
        if whole:
            return self.snapshot or (200, self.packed())
        if since in self.broken:
            return 503, b""
        return self.instead or self._page(since)

    def packed(self, **told: Any) -> bytes:
        """Its snapshot, with a head that lies in what is `told`."""
        into = io.BytesIO()
        head = replace(Head(NODE, self.epoch, self.head), **told)
        write_snapshot(Digested(into), head, self.items.values())
        return into.getvalue()

    def _page(self, since: str) -> tuple[int, bytes]:
        start = Cursor.read(since) if since else Cursor(self.epoch, 0)
        if start.epoch != self.epoch or start.seq > self.head:
            return 409, b'{"code": "epoch_changed"}'
        ahead = [one for one in self.items.values() if one.seq > start.seq]
        shown, more = ahead[: self.size], len(ahead) > self.size
        reached = Cursor(self.epoch, shown[-1].seq if more else self.head)
        said = json.loads(Page(NODE, start, reached, self.head, more, tuple(shown)).written())
        said["items"] += [] if start.seq else self.raw
        return 200, json.dumps({**said, **self.told}).encode()


@contextmanager
def serving(*items: Item) -> Iterator[Feed]:
    """Serve on a free loopback port until the test is over."""
    feed = Feed()
    feed.put(*items)
    with answering(feed.serve) as address:
        feed.url = f"{address}/sync/v1/changes"
        yield feed
