"""A technology of two homes without the two: what has arrived of it at the national exchange, and what comes back."""

from __future__ import annotations

from datetime import datetime

from marketplace.db import new_id
from marketplace.followers import followers
from marketplace.models.exchanges import Overlay
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.feed import Received, Record
from marketplace.services.slices import Party, public_body
from marketplace.work import begin
from tests.support.market import content
from vocabulary.listing import Right

TITLE = "Cảm biến đo độ mặn nước ruộng lúa"
SAYS = "Thiết bị phao nổi đo độ mặn theo giờ và báo về điện thoại người trồng lúa."
PATENT = Right("patent", "granted", "1-2023-04567")
HOMES = {"can-tho": "Viện Lúa Đồng bằng sông Cửu Long", "hue": "Công ty Cổ phần Sao Mai"}


def received(runtime: Runtime) -> list[str]:
    """The same technology from two homes, as it stands in the feed of the national exchange."""
    uids = [f"{home}:offer:{new_id()}" for home in HOMES]
    with begin(runtime) as work:
        for uid, (home, name) in zip(uids, HOMES.items(), strict=True):
            said = content("offer", TITLE, SAYS, rights=(PATENT,), trl_min=7, trl_max=7)
            moments = dict.fromkeys(("published_at", "updated_at", "expires_at"), work.now)
            body = public_body(said, Party(f"{home}:1", name, kind="institute"), **moments)
            record = Record(uid, "offer", "upsert", body)
            feed.receive(work, [Received(uid, record.schema, 1, "upsert", record.hash, body)])
    drain(followers(runtime))
    return uids


def suggestion_about(uid: str, now: datetime) -> Overlay:
    """What a local exchange has been told about a listing of its own."""
    other = f"hue:offer:{new_id()}"
    body = {
        "about": uid, "score": 700, "state": "open", "by": "", "answered": ["hue"], "note": "Cùng một hợp đồng.",
        "asked_at": now.isoformat(timespec="seconds"), "days": 14,
        "other": {"uid": other, "home": "hue", "title": TITLE, "organisation": HOMES["hue"],
                  "url": f"http://127.0.0.1:9100/vi/listings/{other}"},
        "reasons": [{"name": "title", "points": 400, "mine": "x", "theirs": "x"},
                    {"name": "text", "points": 300, "mine": "1.00", "theirs": "1.00"},
                    {"name": "right", "points": 500, "mine": "vn:patent:1202304567", "theirs": "vn:patent:1202304567"}],
    }  # fmt: skip
    return Overlay(
        uid=f"national:suggestion:{new_id()}",
        about=uid,
        layer="suggestion",
        rev=1,
        body=body,
        epoch="e",
        received_at=now,
    )
