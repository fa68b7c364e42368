"""A new exchange is filled once, with people who can sign in, and never one that others can reach."""

from __future__ import annotations

import json
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from marketplace.demo import loading
from marketplace.followers import followers
from marketplace.models.accounts import Membership, Organisation, User
from marketplace.models.listings import Listing
from marketplace.models.matches import Match
from marketplace.models.review import ReviewItem
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services import catalogue, sign_in, standing
from marketplace.services.policy import VISITOR
from marketplace.settings import SettingsError
from marketplace.work import begin, look
from matching.model import BAR
from scripts.network.nodes import LOCALS, NATIONAL, Node
from search.query import Query
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.furnished import furnished


def data(name: str) -> list[dict[str, object]]:
    text = (loading.DATA / name).read_text(encoding="utf-8")
    rows: list[dict[str, object]] = (
        json.loads(text) if name.endswith(".json") else list(map(json.loads, text.splitlines()))
    )
    return rows


LISTINGS = [row for kind in loading.KINDS for row in data(f"{kind}.jsonl")]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Filled once: who asks for it reads only, or lets its readers catch up, which changes no listing."""
    with opened(embedded_settings(tmp_path_factory.mktemp("loaded")), HandMovedClock()) as runtime:
        furnished(loading.load, runtime)
        yield runtime


def count(runtime: Runtime, table: type) -> int:
    with look(runtime) as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def test_everything_is_there_in_its_state(loaded: Runtime) -> None:
    with look(loaded) as work:
        statuses = Counter(work.session.scalars(select(Listing.status)))
        kinds = Counter(work.session.scalars(select(Listing.kind)))
        public = standing.count(work)
    assert statuses == Counter(row.get("status", "published") for row in LISTINGS)
    assert kinds == {"offer": 60, "demand": 40, "initiative": 20}
    assert public == statuses["published"]
    assert count(loaded, User) == len(data("people.json"))
    assert count(loaded, Organisation) == len(data("organisations.json")) + 1
    assert count(loaded, ReviewItem) == statuses["in_review"]


def test_listings_were_published_on_different_days_and_none_in_the_future(loaded: Runtime) -> None:
    with look(loaded) as work:
        days = list(work.session.scalars(select(Listing.published_at).where(Listing.status == "published")))
        for expires in work.session.scalars(select(Listing.expires_at).where(Listing.status == "published")):
            assert expires is not None
            assert expires > work.now + timedelta(days=14)
        assert all(day is not None and day <= work.now for day in days)
    assert len(set(days)) > 20


def test_everybody_can_sign_in_with_the_printed_password(embedded: Runtime) -> None:
    sign_ins = furnished(loading.load, embedded)
    printed = loading.stored_sign_ins(embedded).splitlines()
    for one, line in zip(sign_ins, printed, strict=True):
        assert line.split()[:3] == [one.role, one.email, one.password]
        with begin(embedded) as work:
            proof = sign_in.knock(work, VISITOR, email=one.email, address="127.0.0.1").proof(one.password)
            assert proof is not None
            assert sign_in.enter(work, proof)
        embedded.clock.move(timedelta(hours=1))  # type: ignore[attr-defined]  # moved by hand: the door is throttled
    roles = Counter(one.role for one in sign_ins)
    assert (roles["broker"], roles["moderator"]) == (2, 1)
    assert len({one.password for one in sign_ins}) == len(sign_ins)


def test_the_sign_ins_are_for_the_owner_of_the_folder_only(loaded: Runtime) -> None:
    path = loaded.settings.data_dir / loading.SIGN_INS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_exchange_with_anything_in_it_is_not_empty(embedded: Runtime, loaded: Runtime) -> None:
    assert loading.is_empty(embedded)
    assert not loading.is_empty(loaded)


def test_an_exchange_that_others_can_reach_is_refused_and_stays_empty(embedded: Runtime) -> None:
    public = Runtime(replace(embedded.settings, base_url="https://exchange.example"), embedded.clock)
    with pytest.raises(SettingsError, match=r"^BASE_URL is public"):
        loading.load(public)
    assert loading.is_empty(embedded)
    assert loading.stored_sign_ins(embedded) == ""


def test_a_loading_that_fails_at_the_last_moment_leaves_an_empty_exchange(
    embedded: Runtime, tmp_path: Path
) -> None:
    nowhere = Runtime(
        replace(embedded.settings, data_dir=tmp_path / "no" / "such" / "folder"), embedded.clock
    )
    with pytest.raises(FileNotFoundError):
        loading.load(nowhere)
    assert loading.is_empty(embedded)


def test_demands_find_offers_over_the_bar(loaded: Runtime) -> None:
    drain(followers(loaded))
    with look(loaded) as work:
        good = (
            work.session.scalar(select(func.count(Match.demand_uid.distinct())).where(Match.total >= BAR))
            or 0
        )
    assert good >= 10


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("coffee", "cà phê"), ("robot", "rô-bốt"), ("sewage", "nước thải"), ("shrimp", "tôm"),
        ("drone", "không người lái"), ("solar power", "điện mặt trời"), ("say", "sấy"), ("máy sấy chè", "sấy"),
    ],
)  # fmt: skip
def test_the_first_answer_is_what_was_meant_whatever_its_language(
    loaded: Runtime, asked: str, says: str
) -> None:
    drain(followers(loaded))
    with look(loaded) as work:
        first = catalogue.search(work, Query(asked, highlight=True)).findings[0]
    assert says in first.passages["title"].text.lower()


def test_what_was_looked_for_in_another_language_is_told(loaded: Runtime) -> None:
    drain(followers(loaded))
    with look(loaded) as work:
        assert catalogue.search(work, Query("coffee")).also == (("vi", "cà phê"),)
        assert catalogue.search(work, Query("PACS")).also == ()


@pytest.mark.parametrize(("asked", "nothing_of"), [("milk", "sửa"), ("cancer", "cane")])
def test_what_nobody_offers_is_not_found_by_what_looks_like_it(
    loaded: Runtime, asked: str, nothing_of: str
) -> None:
    drain(followers(loaded))
    with look(loaded) as work:
        results = catalogue.search(work, Query(asked)).results
    assert (results.total, results.corrected) == (0, ""), nothing_of


def test_loading_is_quick(embedded: Runtime) -> None:
    began = time.process_time()
    loading.load(embedded)
    assert time.process_time() - began < 10


def test_members_work_where_the_file_says(loaded: Runtime) -> None:
    with look(loaded) as work:
        joined = select(User.email, Membership.role).join(Membership, Membership.user_id == User.id)
        held = {(email, role) for email, role in work.session.execute(joined)}
    assert held == {(row["email"], row["role"]) for row in data("people.json")}


@pytest.mark.parametrize("node", [NATIONAL, *LOCALS], ids=lambda node: node.node_id)
def test_each_exchange_of_a_network_has_its_own_part(embedded: Runtime, node: Node) -> None:
    loading.load(embedded, node.belongs)
    with look(embedded) as work:
        homes = work.session.scalars(select(Organisation.province).where(Organisation.is_exchange.is_(False)))
        provinces = set(homes)
        listings = work.session.scalar(select(func.count()).select_from(Listing)) or 0
    assert all(node.belongs(province) for province in provinces)
    assert bool(listings) == (node is not NATIONAL)
