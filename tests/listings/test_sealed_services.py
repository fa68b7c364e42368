"""Files and texts that are kept encrypted, and changing the key they are kept with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.models.audit import AuditEntry
from marketplace.models.files import SealedFile
from marketplace.models.listings import Autosave, Revision
from marketplace.runtime import Runtime
from marketplace.scanning import EICAR
from marketplace.seal import CannotOpen
from marketplace.services import drafts, listings, rotation, sealed_files, steps
from marketplace.services.uploads import LARGEST
from marketplace.settings import SealedKey
from marketplace.work import begin, look
from tests.listings.conftest import Market
from tests.support.pictures import picture
from vocabulary.listing import Content, Sealed

PDF, PNG, JPEG = b"%PDF-1.7 x", picture("PNG"), picture("JPEG")


def attached(market: Market, uid: str, name: str, data: bytes) -> sealed_files.File:
    with begin(market.runtime) as work:
        return sealed_files.attach(work, market.owner, uid, sealed_files.received(market.runtime, name, data))


@pytest.fixture
def uid(market: Market, offer: Content) -> str:
    with begin(market.runtime) as work:
        return listings.post(work, market.owner, market.institute, offer, sealed=Sealed("bí mật")).uid


@pytest.mark.parametrize(
    ("name", "data", "media_type", "shown"),
    [
        ("Bản vẽ.PDF", PDF, "application/pdf", "Bản vẽ.pdf"),
        ("../../etc/passwd", PNG, "image/png", "passwd.png"),
        ("C:\\tmp\\ảnh\x00.exe", JPEG, "image/jpeg", "ảnh.jpg"),
        ("\r\nSet-Cookie: x", PDF, "application/pdf", "Set-Cookie: x.pdf"),
        ("", PDF, "application/pdf", "file.pdf"),
        ("x" * 300, PDF, "application/pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_file_is_what_its_first_bytes_say_under_a_safe_name(
    market: Market, uid: str, name: str, data: bytes, media_type: str, shown: str
) -> None:
    file = attached(market, uid, name, data)
    assert (file.media_type, file.name, file.size) == (media_type, shown, len(data))
    with begin(market.runtime) as work:
        assert sealed_files.read(work, market.owner, file.id) == (file, data)
        assert sealed_files.files(work, market.owner, uid) == [file]


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00",
        b"<svg onload=alert(1)>",
        b"PK\x03\x04",
        b" %PDF-1.7",
        b"GIF89a",
        b"<!DOCTYPE html>",
    ],
)
def test_other_kinds_of_files_are_refused(market: Market, uid: str, data: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        attached(market, uid, "a.pdf", data)
    assert refusal.value.problems[0].code == "sealed_file.type"


def test_what_the_scanner_finds_is_kept_nowhere(market: Market, uid: str) -> None:
    with pytest.raises(Invalid) as refusal:
        attached(market, uid, "a.pdf", PDF + EICAR)
    assert refusal.value.problems[0].code == "upload.infected"


def test_a_file_of_ten_megabytes_is_kept_and_one_byte_more_is_not(market: Market, uid: str) -> None:
    data = PDF.ljust(LARGEST, b"x")
    assert attached(market, uid, "a.pdf", data).size == LARGEST
    with pytest.raises(Invalid) as refusal:
        attached(market, uid, "a.pdf", data + b"x")
    assert refusal.value.problems[0].code == "sealed_file.too_large"


def test_there_is_an_end_to_files(market: Market, uid: str) -> None:
    for n in range(sealed_files.MOST):
        attached(market, uid, f"{n}.pdf", PDF)
    with pytest.raises(Conflict):
        attached(market, uid, "one more.pdf", PDF)


def test_strangers_and_moderators_hear_that_there_is_no_such_file(market: Market, uid: str) -> None:
    file = attached(market, uid, "a.pdf", PDF)
    for actor in (market.stranger,):
        with begin(market.runtime) as work, pytest.raises(NotFound):
            sealed_files.read(work, actor, file.id)
        with begin(market.runtime) as work, pytest.raises(NotFound):
            sealed_files.remove(work, actor, file.id)
    with begin(market.runtime) as work, pytest.raises(NotFound):
        sealed_files.read(work, replace(market.moderator, roles={"o": frozenset({"editor"})}), file.id)


def test_each_look_at_a_file_is_written_down(market: Market, uid: str) -> None:
    file = attached(market, uid, "a.pdf", PDF)
    with begin(market.runtime) as work:
        sealed_files.read(work, market.owner, file.id)
        entry = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "sealed_file.read")).one()
        assert (entry.actor, entry.object) == (market.owner.user_id, uid)


def with_keys(runtime: Runtime, *keys: SealedKey) -> Runtime:
    """The same exchange, started again with other keys."""
    return Runtime(replace(runtime.settings, sealed_keys=keys), runtime.clock)


def test_rotation_lets_an_old_key_be_thrown_away(each_market: Market, offer: Content, tmp_path: Path) -> None:
    runtime, owner = each_market.runtime, each_market.owner
    old, new = runtime.settings.sealed_keys[0], SealedKey("k2", b"n" * 32)
    with begin(runtime) as work:
        uid = listings.post(work, owner, each_market.institute, offer, sealed=Sealed("bí mật")).uid
        for n in range(rotation.AT_ONCE + 1):
            sealed = Sealed(f"bí mật {n}")
            listings.post(work, owner, each_market.institute, offer, sealed=sealed)
        drafts.save(work, "user:x", "new:offer", [("title", "nháp")])
        file = sealed_files.attach(work, owner, uid, sealed_files.received(runtime, "a.pdf", PDF))
    both = with_keys(runtime, new, old)
    counts = []
    while not counts or counts[-1]:
        with begin(both) as work:
            counts.append(rotation.rotate(work))
    assert counts == [rotation.AT_ONCE + 2, 2, 0]
    only_new = with_keys(runtime, new)
    with begin(only_new) as work:
        assert steps.confidential(work, owner, uid) == Sealed("bí mật")
        assert sealed_files.read(work, owner, file.id) == (file, PDF)
        draft = drafts.find(work, "user:x", "new:offer")
        assert draft is not None
        assert draft.fields == (("title", "nháp"),)
        for table in (Revision, Autosave, SealedFile):
            assert set(work.session.scalars(select(table.sealed_key))) == {"k2"}
    for opened in (both, only_new):
        opened.close()


def test_rotation_stops_rather_than_lose_what_it_cannot_open(market: Market, offer: Content) -> None:
    with begin(market.runtime) as work:
        uid = listings.post(work, market.owner, market.institute, offer, sealed=Sealed("bí mật")).uid
    without = with_keys(market.runtime, SealedKey("k2", b"n" * 32))
    with pytest.raises(CannotOpen), begin(without) as work:
        rotation.rotate(work)
    without.close()
    with look(market.runtime) as work:
        assert steps.confidential(work, market.owner, uid) == Sealed("bí mật")


def test_a_sealed_text_moved_to_another_listing_does_not_open(market: Market, offer: Content) -> None:
    runtime, owner = market.runtime, market.owner
    with begin(runtime) as work:
        first = listings.post(work, owner, market.institute, offer, sealed=Sealed("của một"))
        second = listings.post(work, owner, market.institute, offer, sealed=Sealed("của hai"))
        mine, other = steps.working(work, first), steps.working(work, second)
        mine.sealed, mine.sealed_key = other.sealed, other.sealed_key
        work.session.flush()
        with pytest.raises(CannotOpen):
            steps.confidential(work, owner, first.uid)


def test_a_sealed_text_of_which_only_the_beginning_is_left_does_not_open(
    market: Market, offer: Content
) -> None:
    """A damaged disk leaves any length, also less than there is before the text itself."""
    with begin(market.runtime) as work:
        kept = listings.post(work, market.owner, market.institute, offer, sealed=Sealed("bí mật"))
        revision = steps.working(work, kept)
        whole = revision.sealed
        assert whole is not None
        for length in (0, 3, 11, 12, 20):
            revision.sealed = whole[:length]
            work.session.flush()
            assert rotation.shut(work) == {revision.sealed_key}, length


@pytest.mark.parametrize("column", ["sealed", "sealed_name"])
def test_whatever_of_a_file_was_changed_is_found(market: Market, uid: str, column: str) -> None:
    """Its name is sealed too: the proof that everything opens, taken before and after a move, reads both."""
    file = attached(market, uid, "a.pdf", PDF)
    with begin(market.runtime) as work:
        assert rotation.open_all(work) == 2
        row = work.session.get_one(SealedFile, file.id)
        setattr(row, column, getattr(row, column)[:-1] + b"x")
        work.session.flush()
        with pytest.raises(CannotOpen):
            rotation.open_all(work)
