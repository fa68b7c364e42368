"""The audit log: every entry holds the one before, so nothing is changed unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from marketplace.errors import Conflict
from marketplace.models.audit import AuditEntry
from marketplace.runtime import Runtime
from marketplace.services import audit, throttle
from marketplace.services.policy import SYSTEM, VISITOR, Actor
from marketplace.work import begin, look
from tests.support.visitor import Visitor

Visit = Callable[..., Visitor]

LAN = Actor(user_id="lan")
COLUMNS = [column.name for column in AuditEntry.__table__.columns]


def fill(exchange: Runtime, entries: int = 5) -> None:
    for number in range(entries):
        with begin(exchange, trace=f"trace-{number}") as work:
            audit.record(work, LAN, "listing.post", f"listing-{number}", reason="a reason")


def broken(exchange: Runtime) -> int | None:
    with look(exchange) as work:
        return audit.verify(work)


def test_a_chain_nobody_touched_holds(runtime: Runtime) -> None:
    assert broken(runtime) is None
    fill(runtime)
    assert broken(runtime) is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"action": "listing.read"},
        {"object": "listing-9"},
        {"outcome": "denied"},
        {"node": "other"},
        {"trace": ""},
        {"detail": {"reason": "another"}},
        {"previous_hash": audit.GENESIS},
        {"hash": "0" * 64},
    ],
)
def test_whatever_is_changed_is_seen(embedded: Runtime, change: dict[str, object]) -> None:
    fill(embedded)
    with begin(embedded) as work:
        work.session.execute(update(AuditEntry).where(AuditEntry.n == 3).values(change))
    assert broken(embedded) == 3


def test_a_moment_moved_is_seen(embedded: Runtime) -> None:
    fill(embedded)
    with begin(embedded) as work:
        work.session.execute(text("UPDATE audit_entries SET at = '2020-01-01 00:00:00.000000' WHERE n = 2"))
    assert broken(embedded) == 2


def test_an_entry_taken_out_is_seen(embedded: Runtime) -> None:
    fill(embedded)
    with begin(embedded) as work:
        work.session.execute(delete(AuditEntry).where(AuditEntry.n == 2))
    assert broken(embedded) == 2


def test_an_entry_rewritten_with_its_own_hash_breaks_the_next(embedded: Runtime) -> None:
    fill(embedded)
    with begin(embedded) as work:
        entry = work.session.get_one(AuditEntry, 3)
        entry.object = "listing-9"
        said = {name: getattr(entry, name) for name in COLUMNS if name != "hash"}
        entry.hash = audit.digest(said)
    assert broken(embedded) == 4


def test_a_refused_step_leaves_no_entry(embedded: Runtime) -> None:
    def post_and_fail() -> None:
        with begin(embedded) as work:
            audit.record(work, LAN, "listing.post", "x")
            raise Conflict("stale")

    with pytest.raises(Conflict):
        post_and_fail()
    fill(embedded, 1)
    assert broken(embedded) is None


def test_who_acts_is_named_even_without_an_account(embedded: Runtime) -> None:
    with begin(embedded) as work:
        for actor in (LAN, SYSTEM, VISITOR):
            audit.record(work, actor, "test", "thing")
        assert work.session.scalars(select(AuditEntry.actor).order_by(AuditEntry.n)).all() == [
            "lan",
            "system",
            "visitor",
        ]


def test_ten_writers_at_once_make_one_chain(runtime: Runtime) -> None:
    threads = [threading.Thread(target=fill, args=(runtime, 4)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken(runtime) is None
    with look(runtime) as work:
        assert work.session.scalars(select(AuditEntry.n).order_by(AuditEntry.n)).all() == list(range(1, 41))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(max_size=400))
def test_what_strangers_choose_can_neither_break_the_chain_nor_draw_a_line(
    embedded: Runtime, said: str
) -> None:
    with begin(embedded) as work:
        audit.record(work, VISITOR, "sign_in", said, "failed", agent=said)
        entry = work.session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc())).first()
        assert entry is not None
        assert len(entry.detail["agent"].splitlines()) <= 1
        assert "\x1b" not in entry.detail["agent"]
        assert len(entry.detail["agent"]) <= 2 * audit.LONGEST
    assert broken(embedded) is None


def test_a_refused_page_is_recorded_without_its_path_and_not_for_ever(
    exchange: Runtime, visit: Visit
) -> None:
    stranger = visit("198.51.100.66")
    for _ in range(throttle.DENIALS_ADDRESS.most + 5):
        assert stranger.post_without_token("/vi/reset/secret-of-a-link").status_code == 403
    with look(exchange) as work:
        entries = work.session.scalars(select(AuditEntry)).all()
        assert [(entry.action, entry.object, entry.outcome) for entry in entries] == [
            ("access", "accounts.reset", "denied")
        ] * throttle.DENIALS_ADDRESS.most
        assert not any("secret-of-a-link" in str(entry.__dict__) for entry in entries)
