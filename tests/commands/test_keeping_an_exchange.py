"""`giao seal rotate`, `giao reindex` and `giao erase`."""

from __future__ import annotations

import base64

from sqlalchemy import select

from marketplace.models.listings import Listing, Revision
from marketplace.services import erasures, listings, sealed
from marketplace.services.policy import SYSTEM
from marketplace.settings import read_settings_file
from marketplace.work import begin, look
from tests.commands.conftest import Giao, row
from tests.support.people import organisation, person
from vocabulary.listing import Content, Sealed, Text

SECRET = "Công thức: 3 phần trấu, 1 phần than."


def post_with_a_secret(giao: Giao, count: int) -> None:
    with giao.runtime() as runtime, begin(runtime) as work:
        home = organisation(work, "Viện A")
        owner = person(work, "Chủ", {home: ("owner",)})
        for n in range(count):
            content = Content("offer", texts={"vi": Text(title=f"Máy {n}", description="x")})
            listings.post(work, owner, home, content, sealed=Sealed(SECRET))


def secrets(giao: Giao) -> list[tuple[str, str]]:
    with giao.runtime() as runtime, look(runtime) as work:
        rows = work.session.scalars(select(Revision)).all()
        return [(revision.sealed_key, sealed.read(work, revision).text) for revision in rows]


def test_everything_is_sealed_anew_and_the_old_key_can_go(giao: Giao) -> None:
    post_with_a_secret(giao, 45)
    old = read_settings_file(giao.folder / "settings.env")["SEALED_KEYS"]
    new = "k2:" + base64.urlsafe_b64encode(b"2" * 32).decode()
    giao.settings["SEALED_KEYS"] = f"{new},{old}"
    result = giao("seal", "rotate")
    assert result.exit_code == 0
    assert (
        result.stdout == "45 sealed values were written with the key k2; older keys are no longer needed.\n"
    )
    giao.settings["SEALED_KEYS"] = new
    assert secrets(giao) == [("k2", SECRET)] * 45
    assert giao("seal", "rotate").stdout.startswith("0 sealed values")


def test_without_the_old_key_nothing_is_lost(giao: Giao) -> None:
    post_with_a_secret(giao, 1)
    old = read_settings_file(giao.folder / "settings.env")["SEALED_KEYS"]
    giao.settings["SEALED_KEYS"] = "k2:" + base64.urlsafe_b64encode(b"2" * 32).decode()
    result = giao("seal", "rotate")
    assert result.exit_code == 1
    assert old.partition(":")[0] in result.stderr
    del giao.settings["SEALED_KEYS"]
    assert [text for _, text in secrets(giao)] == [SECRET]


def test_the_index_is_filled_again_from_the_database(giao: Giao) -> None:
    path = giao.file("offers.jsonl", (row(n, f"Máy sấy {n}") for n in range(30)))
    giao("import", path, "--owner", "A", "--create-owner", "--publish")
    before = giao.json("search", "may say")
    assert giao("reindex").stdout == "30 listings are searchable.\n"
    assert giao.json("search", "may say") == before


def test_a_reindex_says_how_far_it_is_and_the_index_before_can_be_taken_back(giao: Giao) -> None:
    path = giao.file("offers.jsonl", (row(n, f"Máy sấy {n}") for n in range(30)))
    giao("import", path, "--owner", "A", "--create-owner", "--publish")
    refused = giao("reindex", "--back")
    assert refused.exit_code == 3
    assert refused.stderr == "no former index is kept: one is after the next reindex\n"
    assert "100 %, 30 of 30" in giao("reindex", "--progress").stderr
    result = giao("reindex", "--back")
    assert result.stdout == "The index before this one answers again.\n30 listings are searchable.\n"
    assert giao.json("search", "may say")["total"] == 30


GROUND = "Điều 16 Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"


def the_listing(giao: Giao) -> str:
    path = giao.file("offers.jsonl", [row(1, "Máy sấy")])
    giao("import", path, "--owner", "A", "--create-owner", "--publish")
    with giao.runtime() as runtime, look(runtime) as work:
        return work.session.scalars(select(Listing.uid)).one()


def test_a_terminal_only_asks_for_an_erasure(giao: Giao) -> None:
    uid = the_listing(giao)
    result = giao("erase", uid, "--ground", GROUND)
    assert result.exit_code == 0
    with giao.runtime() as runtime, look(runtime) as work:
        (line,) = erasures.all_requests(work, SYSTEM).items
        address = runtime.settings.base_url
    assert (line.uid, line.ground, line.asked_by) == (uid, GROUND, "")
    assert result.stdout == f"Asked for. Somebody else confirms it at {address}/erasures/{line.id}\n"
    assert giao.json("search", "may say")["total"] == 1
    again = giao("erase", uid, "--ground", GROUND)
    assert (again.exit_code, again.stderr) == (1, "A request to erase this listing waits already.\n")


def test_an_erasure_is_not_asked_for_without_its_ground_or_of_what_is_not_there(giao: Giao) -> None:
    uid = the_listing(giao)
    assert giao("erase", uid).exit_code == 2
    for arguments, place in (
        ((uid, "--ground", " "), "ground: "),
        (("x:offer:1", "--ground", GROUND), "uid: "),
    ):
        refused = giao("erase", *arguments)
        assert refused.exit_code == 1
        assert place in refused.stderr
