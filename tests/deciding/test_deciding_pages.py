"""The match page and my desk: saying that a match fits or does not, without a script."""

from __future__ import annotations

from flask import Flask

from tests.deciding.conftest import Enter, Scene
from tests.support.visitor import Visitor, words_of


def address(scene: Scene) -> str:
    return f"/vi/matches/{scene.demand}/{scene.offers[0]}"


def test_only_who_may_decide_is_asked(scene: Scene, app: Flask, enter: Enter) -> None:
    for visitor, asked in (
        (Visitor(app), False),
        (enter(scene.stranger), False),
        (enter(scene.seeker), True),
    ):
        assert ("Gợi ý này có phù hợp không?" in visitor.get(address(scene)).text) == asked


def test_not_a_match_needs_a_reason_and_is_told_back(scene: Scene, enter: Enter) -> None:
    seeker = enter(scene.seeker)
    refused = seeker.post(f"{address(scene)}/decision", verdict="rejected")
    assert refused.status_code == 422
    assert "Lỗi:" in refused.text
    accepted = seeker.post(
        f"{address(scene)}/decision", verdict="rejected", reason=["too_dear"], text="Quá đắt."
    )
    assert accepted.status_code == 303
    page = words_of(seeker.get(address(scene)))
    assert "Giá vượt ngân sách" in page
    assert "Quá đắt." in page
    assert "Giá vượt ngân sách" in words_of(enter(scene.holder).get(address(scene)))


def test_what_was_refused_stands_last_in_my_list_and_can_be_taken_back(scene: Scene, enter: Enter) -> None:
    seeker = enter(scene.seeker)
    seeker.post(f"{address(scene)}/decision", verdict="rejected", reason=["other_matter"])
    page = seeker.get("/vi/matches").text
    places = [page.index(offer) for offer in (*scene.offers[1:], scene.offers[0])]
    assert places == sorted(places)
    seeker.post(f"{address(scene)}/decision", verdict="undo", next="/vi/matches")
    page = seeker.get("/vi/matches").text
    assert page.index(scene.offers[0]) < page.index(scene.offers[1])


def test_a_stranger_who_sends_the_form_is_refused(scene: Scene, app: Flask, enter: Enter) -> None:
    assert enter(scene.stranger).post(f"{address(scene)}/decision", verdict="accepted").status_code == 403
    assert Visitor(app).post(f"{address(scene)}/decision", verdict="accepted").status_code == 401
    assert "Phù hợp, vì" in enter(scene.seeker).get(address(scene)).text
