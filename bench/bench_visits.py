"""What the most visited pages cost as an exchange grows: `python -m bench.bench_visits`.

The same pages of a small exchange and of one twenty times as large, on SQLite with Tantivy, and on PostgreSQL with
Elasticsearch where `make services` has started them. Each demand has as many stored matches as are kept. CPU of the process
that serves, best of several rounds; an argument gives another number of listings of the large one.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from flask.testing import FlaskClient

from bench import exchanges
from marketplace.app import create_app
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import brokers, owners, sessions
from marketplace.services.brokers import entered
from marketplace.services.matchmaking import KEPT
from marketplace.services.policy import Actor
from marketplace.web import login
from marketplace.work import begin
from tests.support.market import content, publish
from tests.support.people import organisation, person
from tests.support.stored_matches import store

SMALL, TIMES = 2_000, 20
AT_ONCE = 500
ROUNDS = 7
OWNERS = 40
SIGNALS = 15


def main() -> None:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else SMALL * TIMES
    for what, opened in (
        ("SQLite, Tantivy", exchanges.embedded),
        ("PostgreSQL, Elasticsearch", exchanges.on_servers),
    ):
        if opened is exchanges.on_servers and not exchanges.has_servers():
            continue
        costs = []
        for size in (SMALL, large):
            with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as runtime:
                costs.append(measured(runtime, size))
        print(f"{what}: CPU ms a page   {SMALL:>9,}   {large:>9,}   growth")
        for page, small in costs[0].items():
            print(f"  {page:<38} {small:9.1f}   {costs[1][page]:9.1f}   {costs[1][page] / small:5.1f} ×")


def measured(runtime: Runtime, size: int) -> Mapping[str, float]:
    """Page -> its cost on an exchange of so many listings, every other one a demand."""
    demands, offers = filled(runtime, size)
    with begin(runtime) as work:
        member = person(work, "Chủ Hồ Sơ", {owners.find_or_create(work, owner(0)).id: ("owner",)})
        office = organisation(work, "Sàn Môi giới")
        broker = person(work, "Người Môi Giới", {office: ("broker",)})
        brokers.save(work, broker, office, entered(
            certificate="MG", issuer="Cục", certified_until=date(2030, 1, 1), fields=["4.1"], provinces=["92"],
            languages=["vi"], capacity="20",
        ))  # fmt: skip
    pages = {
        "home": ("/vi/", None),
        "page of results": ("/vi/offers?q=thiết+bị", None),
        "listing": (f"/vi/listings/{offers[0]}", None),
        "matches of a listing": (f"/vi/listings/{demands[0]}/matches", None),
        "one match": (f"/vi/matches/{demands[0]}/{offers[0]}", None),
        "a member's desk": ("/vi/desk", member),
        "a member's matches": ("/vi/matches", member),
        "a broker's promising pairs": ("/vi/board/pairs?show=all", broker),
    }
    return {name: cost(visitor(runtime, who), path) for name, (path, who) in pages.items()}


def filled(runtime: Runtime, size: int) -> tuple[list[str], list[str]]:
    uids = dict[str, list[str]](demand=[], offer=[])
    for start in range(0, size, AT_ONCE):
        kind = ("demand", "offer")[start // AT_ONCE % 2]
        made = (
            content(
                kind, f"Thiết bị số {n}", "Đo liên tục, truyền dữ liệu, cảnh báo sớm. " * 25, fields=("4.1",)
            )
            for n in range(start, start + AT_ONCE)
        )
        uids[kind] += publish(runtime, *made, owner=owner(start // AT_ONCE), start=start)
    catch_up(runtime)
    with begin(runtime) as work:
        for matched in made_up(uids["demand"], uids["offer"]):
            store(work, matched, signals=SIGNALS, place=range(1, KEPT + 1))
    return uids["demand"], uids["offer"]


def made_up(demands: Sequence[str], offers: Sequence[str]) -> Iterator[list[tuple[str, str, int]]]:
    """Of each demand its matches, the best first: to find them would take longer than all else. The first demand has the
    first offer."""
    chance = random.Random(1)
    for number, demand in enumerate(demands):
        found = chance.sample(offers[1:], KEPT)
        if not number:
            found[0] = offers[0]
        totals = sorted((chance.randint(20_000, 70_000) for _ in found), reverse=True)
        yield [(demand, offer, total) for offer, total in zip(found, totals, strict=True)]


def owner(number: int) -> str:
    return f"Tổ chức {number % OWNERS}"


def visitor(runtime: Runtime, actor: Actor | None) -> FlaskClient:
    client = create_app(runtime).test_client()
    if actor is not None:
        with begin(runtime) as work:
            token = sessions.open_for(work, actor.user_id)
        client.set_cookie(login.cookie_name(runtime.settings, "session"), token)
    return client


def cost(client: FlaskClient, path: str) -> float:
    """Milliseconds of the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.process_time()
        answer = client.get(path)
        best = min(best, time.process_time() - before)
        assert answer.status_code == 200, path
    return best * 1_000


if __name__ == "__main__":
    main()
