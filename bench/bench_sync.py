"""Two exchanges in step beside the floor of the same run: `make bench-sync`, or `python -m bench.bench_sync [LISTINGS]`.

- a first full load, local commit to searchable nationally, by two real processes; its floor is the slower of plain
  upserts of the same replica rows, 500 a transaction, and of indexing the same documents, 500 a commit;
- the way most hubs do it: one call, one transaction, one index commit a record;
- what taking in a record costs the receiver's processor, from its first byte to the commit;
- the same records again: how many rows are written;
- a comparison of a million records, and its bytes when both sides are equal;
- what hostile bodies cost.

On the embedded default unless BENCH_DATABASE_URL and BENCH_SEARCH_URL name what the national side is to use.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import tantivy

from bench.bench_import import demo_words
from bench.sync_pure import comparing, hostile
from exchange.canonical import content_hash
from exchange.envelope import Batch, read_batch, write_batch
from exchange.items import Item
from exchange.keys import KeyRecord, PrivateKey
from exchange.messages import Request
from exchange.reading import unpack
from exchange.signing import Signature, sign_request, verify_request
from marketplace.commands.setting_up import migrated
from marketplace.db import new_id
from marketplace.models.peers import Inbound, Peer
from marketplace.runtime import Runtime
from marketplace.services import feed as feeds
from marketplace.services import indexing
from marketplace.services.sync import receive
from marketplace.settings import Settings, write_missing_secrets
from marketplace.work import begin, look
from scripts.chaos.world import Node
from search.embedded import WRITER_MEMORY
from search.embedded_schema import as_document, register, schema
from search.record import live
from vocabulary.listing import Content, Text, as_record

LISTINGS = 20_000
AT_ONCE = 500
ONE_BY_ONE = 40
CHARACTERS = 1_300


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with national(place / "receiver") as runtime:
            taking_in(runtime, items(count))
            floor, documents = floors(runtime, place, count)
        one_by_one(place, documents)
        full_load(place, count, floor)
    comparing()
    hostile()


def items(count: int) -> list[Item]:
    """Listings of some 1,300 characters, as a home publishes them."""
    chance = random.Random(count)
    words = demo_words("vi")
    return [_item(place, " ".join(chance.choices(words, k=CHARACTERS // 4))) for place in range(1, count + 1)]


def _item(place: int, text: str) -> Item:
    uid = f"local-a:offer:{new_id()}"
    content = Content("offer", "vi", {"vi": Text(title=text[:80], description=text)})
    moment = "2026-11-28T00:00:00+00:00"
    body = {
        "content": as_record(content), "published_at": moment, "updated_at": moment,
        "expires_at": "2027-11-28T00:00:00+00:00", "mark": "", "ground": "",
        "organisation": {"id": new_id(), "name": "Viện A", "name_en": "", "kind": "", "province": ""},
    }  # fmt: skip
    digest = content_hash(uid=uid, kind="offer", schema="offer/1.0", op="upsert", body=body)
    return Item(uid, "offer", "offer/1.0", "upsert", 1, place, digest, body)


@contextmanager
def national(folder: Path) -> Iterator[Runtime]:
    folder.mkdir()
    write_missing_secrets(folder)
    given = {"DATA_DIR": str(folder), "ROLE": "national", "NODE_ID": "national", **_servers()}
    runtime = Runtime(Settings.from_environment(given))
    migrated(runtime)
    with begin(runtime) as work:
        peer = Peer(node_id="local-a", role="local", status="active", kinds=["offer"], since=work.now)
        work.session.add(peer)
        work.session.flush()
        work.session.add(Inbound(node_id="local-a", epoch="e1", fence="f1"))
    yield runtime
    runtime.close()


def _servers() -> dict[str, str]:
    named = {"DATABASE_URL": "BENCH_DATABASE_URL", "SEARCH_URL": "BENCH_SEARCH_URL"}
    return {name: os.environ[given] for name, given in named.items() if os.environ.get(given)}


# -- the receiver alone -----------------------------------------------------------------------------------------------


def taking_in(runtime: Runtime, records: list[Item]) -> None:
    key = PrivateKey.generated()
    now = int(time.time())
    known = KeyRecord("local-a", key.public, now - 10, now + 86_400)
    requests = [_signed(records, start, key, now) for start in range(0, len(records), AT_ONCE)]
    cost = dict.fromkeys(("prove", "unpack and read", "take in"), 0.0)
    wall = time.perf_counter()
    for request in requests:
        _spent(cost, "prove", lambda request=request: verify_request(request, lambda *_: known, now=now))
        batch = _spent(
            cost, "unpack and read", lambda request=request: read_batch(unpack(request.body, encoding="gzip"))
        )
        _spent(cost, "take in", lambda batch=batch, request=request: _taken(runtime, batch, request.body))
    wall = time.perf_counter() - wall
    each = {name: spent / len(records) * 1_000 for name, spent in cost.items()}
    parts = ", ".join(f"{name} {spent:.3f}" for name, spent in each.items())
    print(f"taking in {len(records)}: {sum(each.values()):.3f} ms CPU a record ({parts}); wanted 0.6")
    print(
        f"  {len(records) / wall:.0f} records/s, {sum(len(one.body) for one in requests) / len(records):.0f} B each"
    )
    again(runtime, records)


def _signed(records: list[Item], start: int, key: PrivateKey, now: int) -> Request:
    part = tuple(records[start : start + AT_ONCE])
    made = write_batch(Batch("local-a", "e1", new_id(), start, part[-1].seq, part))
    headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("XS-Node", "local-a"))
    request = Request("POST", "https://national.example/sync/v1/batches", headers, made.packed)
    return sign_request(request, key, Signature(now, "n" * 22))


def _spent(cost: dict[str, float], name: str, act: Callable[[], Any]) -> Any:
    began = time.process_time()
    done = act()
    cost[name] += time.process_time() - began
    return done


def _taken(runtime: Runtime, batch: Batch, packed: bytes) -> None:
    with begin(runtime) as work:
        receive.take_in(work, batch, packed, node_id="local-a", kid="k", fence="f1")


def again(runtime: Runtime, records: list[Item]) -> None:
    """An unchanged night: everything is sent once more, in a new stretch of the same feed."""
    before = _versions(runtime)
    last = records[-1].seq
    for start in range(0, len(records), AT_ONCE):
        part = [
            Item(one.uid, one.kind, one.schema, one.op, one.rev, last + start + place, one.hash, one.body)
            for place, one in enumerate(records[start : start + AT_ONCE], 1)
        ]
        made = write_batch(Batch("local-a", "e1", new_id(), last + start, part[-1].seq, tuple(part)))
        _taken(runtime, read_batch(unpack(made.packed, encoding="gzip")), made.packed)
    print(
        f"the same again: {'0 rows' if _versions(runtime) == before else 'ROWS'} written in feed and replica"
    )


def _versions(runtime: Runtime) -> tuple[Any, ...]:
    with look(runtime) as work:
        connection = work.session.connection()
        asked = (
            "SELECT count(*), sum(rev), max(received_at) FROM replicas",
            "SELECT count(*), sum(rev), count(pub_seq), max(published_at) FROM published",
        )
        return tuple(tuple(connection.exec_driver_sql(one).one()) for one in asked)


# -- the floor, and the way of one by one -----------------------------------------------------------------------------


def floors(runtime: Runtime, place: Path, count: int) -> tuple[float, list[dict[str, Any]]]:
    """Records a second: the slower of writing and of indexing what was taken in."""
    while True:
        with begin(runtime) as work:
            if not feeds.number(work):
                break
    with look(runtime) as work:
        rows = [tuple(row) for row in work.session.connection().exec_driver_sql("SELECT * FROM replicas")]
        documents = [live(indexing.document(row)) for row in feeds.after(work, 0, count)]
        shape = work.session.connection().exec_driver_sql("SELECT * FROM replicas LIMIT 0")
        names = list(shape.keys())
    writing = count / _timed(lambda: upserted(place / "floor.db", names, rows))
    indexed = count / _timed(lambda: put(place / "floor-index", documents))
    print(f"floor: {writing:.0f} upserts/s in SQLite, {indexed:.0f} documents/s in bare Tantivy")
    return min(writing, indexed), documents


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def upserted(path: Path, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    database = _opened(path, names)
    for start in range(0, len(rows), AT_ONCE):
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_upsert(names), rows[start : start + AT_ONCE])
        database.execute("COMMIT")
    database.close()


def _opened(path: Path, names: list[str]) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"CREATE TABLE replicas ({names[0]} TEXT PRIMARY KEY, {', '.join(names[1:])})")
    return database


def _upsert(names: list[str]) -> str:
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    places = ",".join("?" * len(names))
    return f"INSERT INTO replicas VALUES ({places}) ON CONFLICT ({names[0]}) DO UPDATE SET {changed}"


def put(folder: Path, documents: list[dict[str, Any]]) -> None:
    fields, index = _index(folder)
    writer = index.writer(WRITER_MEMORY, 1)
    for start in range(0, len(documents), AT_ONCE):
        for one in documents[start : start + AT_ONCE]:
            writer.add_document(as_document(one, fields))
        writer.commit()


def _index(folder: Path) -> tuple[tantivy.Schema, tantivy.Index]:
    folder.mkdir()
    fields = schema()
    index = tantivy.Index(fields, path=str(folder))
    register(index)
    return fields, index


def one_by_one(place: Path, documents: list[dict[str, Any]]) -> None:
    """One call, one transaction, one index commit a record: the rate of most hubs, on the same machine."""
    database = _opened(place / "each.db", ["uid", "body"])
    fields, index = _index(place / "each-index")
    writer = index.writer(WRITER_MEMORY, 1)
    left = iter(documents)

    class Hub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            database.execute(_upsert(["uid", "body"]), (str(hash(body)), body))
            writer.add_document(as_document(next(left), fields))
            writer.commit()
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hub) as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        calls = HTTPConnection("127.0.0.1", hub.server_address[1])
        began = time.perf_counter()
        for one in documents[:ONE_BY_ONE]:
            calls.request("POST", "/", json.dumps(one, default=str).encode())
            calls.getresponse().read()
        rate = ONE_BY_ONE / (time.perf_counter() - began)
        hub.shutdown()
    print(f"one call, one transaction, one index commit a record: {rate:.1f} records/s")
    SEEN["one by one"] = rate


SEEN: dict[str, float] = {}


# -- both together ----------------------------------------------------------------------------------------------------


def full_load(place: Path, count: int, floor: float) -> None:
    folder = place / "network"
    folder.mkdir()
    centre = Node("national", folder)
    centre.public = centre.listen
    local = Node("local-a", folder, national_port=centre.listen)
    _imported(place, local, count)
    try:
        for node in (centre, local):
            node.start()
        for node in (centre, local):
            node.wait_until_ready()
        while (state := local.ask("state"))["indexed"] < state["head"] or state["dirty"]:
            time.sleep(0.5)
        invited = centre.ask("invite", node=local.name)
        entered = local.ask("enter", token=invited["token"], fingerprint=invited["fingerprint"])
        centre.ask("approve", kid=entered["kid"])
        began = time.perf_counter()
        local.ask("push")
        while (state := centre.ask("state"))["indexed"] < count or state["dirty"]:
            time.sleep(0.2)
        rate = count / (time.perf_counter() - began)
    finally:
        centre.end()
        local.end()
    each = rate / SEEN["one by one"]
    print(
        f"first full load of {count}: {rate:.0f} records/s, e = {rate / floor:.2f} of the floor (wanted 0.30), "
        f"{each:.0f} times the way of one by one (wanted 20); 50,000 edits in {50_000 / rate:.0f} s (wanted 300)"
    )


def _imported(place: Path, local: Node, count: int) -> None:
    chance, words = random.Random(count), demo_words("vi")
    path = place / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = " ".join(chance.choices(words, k=CHARACTERS // 4))
            row = {"id": f"r{number}", "kind": "offer", "title": "", "text": text, "lang": "vi", "meta": {}}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "marketplace", "import", str(path), "--owner", "Bench", "--create-owner"]
    options = ["--publish", "--report", os.devnull]
    subprocess.run([*command, *options], env=local.environment, check=True, capture_output=True)


if __name__ == "__main__":
    main()
