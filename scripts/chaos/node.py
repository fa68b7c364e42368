"""One exchange as a process: what `giao run` serves, behind another address, and told by its input what people do.

Each command is a line of JSON; its answer is a line of JSON, printed after the commit. A write without an answer may
have happened or not, as for everybody whose connection breaks.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from exchange.reconcile import root
from marketplace import sync_key
from marketplace.app import create_app
from marketplace.commands.opening import opened
from marketplace.commands.setting_up import migrated
from marketplace.enrolling import enrol
from marketplace.errors import Conflict, Unavailable
from marketplace.models.exchanges import Acknowledged
from marketplace.models.feed import Published
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.server import Server
from marketplace.services import catalogue, feed, owners, steps
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.sync import choosing, enrolment, lines, outgoing
from marketplace.settings import Settings, write_missing_secrets
from marketplace.work import begin, look
from marketplace.working import Working
from search.query import Query
from vocabulary.listing import Content, Text

ADMINS = tuple(
    Actor(user_id=f"admin-{name}", name=name, staff=frozenset({"admin"}), confirmed=True) for name in "ab"
)
Said = Mapping[str, Any]


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    write_missing_secrets(Settings.data_folder())
    with opened() as runtime:
        migrated(runtime)
        sync_key.ensure(runtime.settings.key_file)
        host = urlsplit(runtime.settings.base_url).hostname or "127.0.0.1"
        server = Server(create_app(runtime), host=host, port=int(os.environ["LISTEN"]))
        stop, working = threading.Event(), Working(runtime)
        threading.Thread(target=obey, args=(runtime, stop), daemon=True).start()
        working.start()
        print(json.dumps({"ready": True}), flush=True)
        server.serve(stop)
        working.stop()


def obey(runtime: Runtime, stop: threading.Event) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = COMMANDS[asked["do"]](runtime, asked)
        except Unavailable as error:
            said = {"failed": str(error)}
        except Exception as error:
            logging.exception("a command failed")
            said = {"broken": f"{type(error).__name__}: {error}"}
        print(json.dumps({**said, "n": asked["n"]}), flush=True)
    stop.set()


# -- people -----------------------------------------------------------------------------------------------------------


def write(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Post the listing of this `source`, or revise it, public at once."""
    text = Text(title=asked["title"], description=asked["title"])
    item = Item(asked["source"], asked["title"], Content("offer", "vi", {"vi": text}))
    with begin(runtime) as work:
        owner = owners.find_or_create(work, f"Viện {runtime.settings.node_id}")
        (outcome,) = post_many(work, SYSTEM, owner.id, [item], publish=True)
    return {"uid": outcome.uid, "result": outcome.result}


def withdraw(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with begin(runtime) as work:
        try:
            home = work.session.scalar(select(Listing.organisation_id).where(Listing.uid == asked["uid"]))
            owner = Actor(name="chủ hồ sơ", roles={str(home): frozenset({"owner"})}, confirmed=True)
            listing = steps.hold(work, owner, asked["uid"], "listing.edit")
            steps.take(work, owner, listing, "withdraw")
        except Conflict:
            return {"result": "gone"}
    return {"result": "withdrawn"}


# -- operators --------------------------------------------------------------------------------------------------------


def invite(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with begin(runtime) as work:
        invited = enrolment.invite(work, SYSTEM, asked["node"])
    return {
        "token": invited.token,
        "fingerprint": sync_key.read(runtime.settings.key_file).public.fingerprint,
    }


def enter(runtime: Runtime, asked: Said) -> dict[str, Any]:
    enrol(runtime, asked["token"], asked["fingerprint"])
    return {"kid": sync_key.read(runtime.settings.key_file).kid}


def approve(runtime: Runtime, asked: Said) -> dict[str, Any]:
    for admin in ADMINS:
        with begin(runtime) as work:
            enrolment.approve(work, admin, asked["kid"])
    return {}


def push(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """What the operator's «try now» and «compare» do."""
    with begin(runtime) as work:
        (choosing.compare if asked.get("compare") else choosing.try_now)(work, SYSTEM)
    return {}


# -- what is there ----------------------------------------------------------------------------------------------------


def state(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """A local exchange: where its sender stands, and how many rows still have no number."""
    with look(runtime) as work:
        line = outgoing.line(work)
        dirty = work.session.scalar(select(func.count()).where(Published.pub_seq.is_(None)))
        indexed = feed.position(work, "indexing")
        head = feed.state(work).head
        rejected = work.session.scalar(
            select(func.count()).where(Acknowledged.status.in_(("held", "rejected", "stale")))
        )
    sender = line.sender if line else None
    return {
        "head": head, "dirty": dirty, "indexed": indexed, "rejected": rejected,
        "phase": str(sender.phase) if sender else "", "reason": sender.reason if sender else "",
        "acked": sender.acked_seq if sender else 0,
    }  # fmt: skip


def records(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Every record of one origin as people may see it: id -> [op, revision, hash]."""
    with look(runtime) as work:
        found = work.session.execute(
            select(Published.id, Published.op, Published.rev, Published.hash).where(
                Published.origin == asked["origin"], Published.kind == "offer"
            )
        ).all()
    return {"records": {uid: [op, rev, digest] for uid, op, rev, digest in found}}


def digest(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """The root over all records of an origin: what is believed to be there, or what is there."""
    with look(runtime) as work:
        mine = lines.believed(work) if asked["side"] == "local" else lines.held(work, asked["origin"])
        found = root(mine)
    return {"count": found.count, "digest": found.digest}


def find(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with look(runtime) as work:
        found = catalogue.search(work, Query(text=asked["text"]))
    return {"uids": [one.listing.uid for one in found.findings]}


COMMANDS: Mapping[str, Callable[[Runtime, Said], dict[str, Any]]] = {
    "write": write, "withdraw": withdraw, "invite": invite, "enter": enter, "approve": approve, "push": push,
    "state": state, "records": records, "digest": digest, "find": find,
}  # fmt: skip

if __name__ == "__main__":
    main()
