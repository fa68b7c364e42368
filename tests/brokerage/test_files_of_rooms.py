"""Files of a room hold up nobody: neither while they are examined, packed or marked, nor by how many there are."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace.models.audit import AuditEntry
from marketplace.models.outcomes import Disclosure
from marketplace.runtime import Runtime
from marketplace.seal import SealedValue
from marketplace.services import brokerage, disclosure, room_files
from marketplace.services.uploads import received
from marketplace.settings import Limits
from marketplace.work import begin, look
from tests.brokerage.conftest import Desk, Enter
from tests.support.visitor import words_of


@pytest.fixture
def impatient(desk: Desk) -> Iterator[Desk]:
    """Whoever has to wait for somebody else's transaction is told so after a second."""
    limits = Limits(statement=1, lock=1)
    runtime = Runtime(replace(desk.runtime.settings, database_limits=limits), desk.runtime.clock)
    desk.runtime.__dict__["others"] = runtime
    yield desk
    runtime.close()


def writes(desk: Desk) -> None:
    """Somebody else writes, and has not to wait."""
    with begin(desk.runtime.__dict__["others"]) as work:
        work.ask("meanwhile")


@pytest.fixture
def opening(impatient: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody else writes whenever a file is opened; the files that were."""
    seal, opened = impatient.runtime.seal, list[str]()
    opens: Callable[[SealedValue, str], bytes] = seal.open

    def open_meanwhile(value: SealedValue, place: str) -> bytes:
        writes(impatient)
        opened.append(place)
        return opens(value, place)

    monkeypatch.setattr(seal, "open", open_meanwhile)
    return opened


def test_others_write_while_a_case_is_packed(desk: Desk, room: str, opening: list[str], enter: Enter) -> None:
    with begin(desk.runtime) as work:
        room_files.add(work, desk.enterprise, room, received(desk.runtime, "a.txt", b"gia"))
    page = enter(desk.broker).get(f"/vi/deals/{room}/archive")
    assert (page.status_code, len(opening)) == (200, 1)
    page.close()
    with look(desk.runtime) as work:
        taken = work.session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "deal.archive"))
        assert taken.all() == [desk.broker.user_id]


def test_others_write_while_a_file_is_marked_and_the_owner_sees_the_look(
    desk: Desk, room: str, opening: list[str], enter: Enter
) -> None:
    with begin(desk.runtime) as work:
        disclosure.accept(work, desk.enterprise, room, name="Trần Cầu", purpose="Xem", days="7")
    page = enter(desk.enterprise).get(f"/vi/deals/{room}/sealed/offer/{desk.file}")
    assert (page.status_code, page.mimetype) == (200, "application/pdf")
    assert opening
    with look(desk.runtime) as work:
        assert work.session.scalars(select(Disclosure.what)).all() == [desk.file]


def test_others_write_while_a_file_is_examined(impatient: Desk, room: str, enter: Enter) -> None:
    def scan(_: bytes) -> str:
        writes(impatient)
        return ""

    impatient.runtime.__dict__["scan"] = scan
    institute = enter(impatient.institute)
    sent = institute.post(f"/vi/deals/{room}/files", file=(io.BytesIO(b"gia"), "giá.txt"))  # type: ignore[arg-type]
    assert sent.status_code == 303
    path = f"/vi/desk/listings/{impatient.offer}/files"
    sent = institute.post(path, file=(io.BytesIO(b"%PDF-1.7"), "b.pdf"))  # type: ignore[arg-type]
    assert sent.status_code == 303
    assert "b.pdf" in institute.get(f"/vi/desk/listings/{impatient.offer}").text


def test_one_person_fills_no_disk_and_has_room_again_when_a_case_ends(
    desk: Desk, room: str, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_files, "MOST_BYTES", 1024**2)
    path, enterprise = f"/vi/deals/{room}/files", enter(desk.enterprise)
    for status in (303, 303, 409):
        file = (io.BytesIO(b"x" * 400_000), "to.txt")
        sent = enterprise.post(path, file=file)  # type: ignore[arg-type]
        assert sent.status_code == status
    assert "Tệp của bạn trong các vụ việc đang mở đã đạt 1 MB" in words_of(sent)
    file = (io.BytesIO(b"x" * 400_000), "to.txt")
    assert enter(desk.institute).post(path, file=file).status_code == 303, "each has his own"  # type: ignore[arg-type]
    with begin(desk.runtime) as work:
        brokerage.advance(work, desk.broker, room, "close", reason="no_answer")
    with begin(desk.runtime) as work:
        room_files._leave_room(work, desk.enterprise, 400_000)
