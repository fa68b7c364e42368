"""`giao seal rotate` and `giao reindex`."""

from __future__ import annotations

import base64

from sqlalchemy import select

from marketplace.models.listings import Revision
from marketplace.services import listings, sealed
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
