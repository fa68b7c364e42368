"""How the people behind a listing are reached: signed-in members read it on its page, visitors that they would."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from marketplace.models.review import ReviewItem
from marketplace.services import listings, moderation, steps
from marketplace.work import begin
from tests.listings.conftest import Enter, Market
from tests.support.market import settle
from tests.support.visitor import Visitor, words_of
from vocabulary.listing import Contact, Content

EMAIL = "lienhe@example.org"


def published(market: Market, what: Content) -> str:
    with begin(market.runtime) as work:
        uid = listings.post(work, market.owner, market.institute, what, submit=True).uid
        moderation.approve(work, market.moderator, work.session.scalars(select(ReviewItem.id)).one())
    settle(market.runtime)
    return uid


def test_a_member_reads_whom_to_ask_and_a_visitor_that_he_would(
    app: Flask, enter: Enter, market: Market, offer: Content
) -> None:
    uid = published(market, offer)
    visited = Visitor(app).get(f"/vi/listings/{uid}")
    assert EMAIL not in visited.text
    assert "Đăng nhập để thấy cách liên hệ." in words_of(visited)
    assert f"/vi/sign-in?next=/vi/listings/{uid}" in visited.text
    read = enter(market.stranger).get(f"/vi/listings/{uid}")
    assert f'href="mailto:{EMAIL}"' in read.text
    assert 'href="tel:0900000000"' in read.text
    assert "Người Liên Hệ" in words_of(read)
    assert "Đăng nhập để thấy cách liên hệ." not in words_of(read)


def test_the_broker_a_listing_names_is_on_its_page(app: Flask, market: Market, offer: Content) -> None:
    assert "Môi giới Thử" in words_of(Visitor(app).get(f"/vi/listings/{published(market, offer)}"))


def test_who_hides_the_organisation_hides_the_contact_too(
    app: Flask, enter: Enter, market: Market, offer: Content
) -> None:
    uid = published(market, offer.revised(anonymous=True))
    for page in (Visitor(app).get(f"/vi/listings/{uid}"), enter(market.stranger).get(f"/vi/listings/{uid}")):
        assert EMAIL not in page.text
        assert 'id="contact"' not in page.text


def test_a_contact_that_waits_for_review_is_read_by_nobody_yet(
    enter: Enter, market: Market, offer: Content
) -> None:
    uid = published(market, offer)
    with begin(market.runtime) as work:
        revised = offer.revised(contact=Contact("", "moi@example.org", ""))
        version = steps.find(work, market.owner, uid).version
        listings.revise(work, market.owner, uid, revised, version=version)
    page = enter(market.stranger).get(f"/vi/listings/{uid}").text
    assert EMAIL in page
    assert "moi@example.org" not in page
