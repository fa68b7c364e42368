"""What the broker's board costs with two thousand live cases, and a check of rights against a thousand live grants."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert

from marketplace.app import create_app
from marketplace.models.deals import Deal
from marketplace.services import brokers, sessions
from marketplace.services.stages import BOARD
from marketplace.web import login
from marketplace.work import Work, begin
from tests.support.clock import MORNING, HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.people import organisation, person
from vocabulary.grants import Grant, collisions

CASES, GRANTS, ROUNDS = 2_000, 1_000, 30


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(embedded_settings(Path(folder)), HandMovedClock()) as runtime,
    ):
        with begin(runtime) as work:
            token = _furnish(work)
        client = create_app(runtime).test_client()
        client.set_cookie(login.cookie_name(runtime.settings, "session"), token)

        def board() -> None:
            assert client.get("/vi/board").status_code == 200

        print(f"board with {CASES} live cases: {_cpu(board):.1f} ms CPU (wanted: at most 150)")
    live = [_grant(n) for n in range(GRANTS)]
    asked = _grant(-1)
    check = _cpu(lambda: collisions(asked, live))
    print(f"rights checked against {GRANTS} live grants: {check:.2f} ms CPU (wanted: at most 5)")


def _furnish(work: Work) -> str:
    office, farm, lab = (organisation(work, name) for name in ("Sàn", "Trại", "Viện"))
    broker = person(work, "Phạm Nối", {office: ("broker",)})
    said = brokers.entered(
        certificate="1", issuer="2", certified_until=date(2099, 1, 1), fields=["4.1"], languages=["vi"]
    )
    own = brokers.save(work, broker, office, said)
    rows = [
        {
            "id": f"case-{n:05}", "demand_uid": f"b:demand:{n}", "offer_uid": f"b:offer:{n}", "broker_id": own,
            "demand_title": f"Cần thiết bị đo số {n} cho vùng nuôi", "offer_title": f"Trạm đo tự động số {n}",
            "demand_organisation_id": farm, "offer_organisation_id": lab, "asked_by": "demand", "answers": {},
            "stage": BOARD[n % len(BOARD)], "stage_since": MORNING, "due_at": MORNING + timedelta(hours=n % 99 - 30),
            "created_at": MORNING, "direct": False, "before": "", "reason": "", "version": 1,
        }
        for n in range(CASES)
    ]  # fmt: skip
    work.session.execute(insert(Deal), rows)
    return sessions.open_for(work, broker.user_id)


def _grant(n: int) -> Grant:
    chance = random.Random(n)
    first = date(2026, 1, 1) + timedelta(days=chance.randrange(3_000))
    return Grant(
        str(n), chance.choice(("exclusive_licence", "non_exclusive_licence")), str(n), first,
        first + timedelta(days=chance.randrange(1, 900)), frozenset(chance.sample(("VN", "LA", "KH", "TH"), 2)),
        frozenset(str(code) for code in chance.sample(range(10, 40), 4)),
    )  # fmt: skip


def _cpu(act: Callable[[], object]) -> float:
    act()
    seen = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        seen.append((time.process_time() - began) * 1_000)
    return statistics.median(seen)


if __name__ == "__main__":
    main()
