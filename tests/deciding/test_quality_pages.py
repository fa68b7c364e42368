"""The public page about match quality, and the operators' pages and commands about weights and exposure."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.services import crowd
from marketplace.work import look
from matching.model import MODEL_VERSION
from tests.deciding.conftest import Enter, Scene
from tests.deciding.test_weight_versions import version
from tests.support.visitor import Visitor, words_of


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "Điểm từ 0 đến 100 là tổng"), ("en", "A score from 0 to 100 is the sum")]
)
def test_everybody_reads_how_good_matches_are_and_how_it_is_measured(
    app: Flask, language: str, said: str
) -> None:
    page = Visitor(app).get(f"/{language}/quality")
    assert page.status_code == 200
    assert said in words_of(page)
    assert MODEL_VERSION in page.text


def test_operators_adopt_and_go_back_on_their_page(scene: Scene, enter: Enter) -> None:
    name = version(scene.runtime)
    operator = enter(scene.operator)
    assert name in operator.get("/vi/weights").text
    assert 'value="back"' not in operator.get("/vi/weights").text, "nothing is before the first"
    operator.post("/vi/weights", act="beside", version=name)
    assert "Chạy song song: " in words_of(operator.get("/vi/weights"))
    operator.post("/vi/weights", act="adopt", version=name)
    assert f"Đã áp dụng bộ trọng số {name}" in words_of(operator.get("/vi/weights"))
    assert 'value="back"' in operator.get("/vi/weights").text
    operator.post("/vi/weights", act="back")
    assert f"Đã quay về bộ trọng số {MODEL_VERSION}." in words_of(operator.get("/vi/weights"))
    assert operator.post("/vi/weights", act="back").status_code == 409


def test_too_few_decisions_are_said_and_change_nothing(scene: Scene, enter: Enter) -> None:
    operator = enter(scene.operator)
    operator.post("/vi/weights", act="learn")
    assert "chưa đủ để học" in words_of(operator.get("/vi/weights"))


def test_nobody_else_sees_the_operators_pages(scene: Scene, enter: Enter) -> None:
    seeker = enter(scene.seeker)
    for path in ("weights", "exposure"):
        assert seeker.get(f"/vi/{path}").status_code == 403
    assert seeker.post("/vi/weights", act="learn").status_code == 403


def test_the_report_counts_who_is_suggested_to_how_many(scene: Scene, enter: Enter) -> None:
    with look(scene.runtime) as work:
        report = crowd.exposure(work, scene.operator)
    assert (report.demands, report.offers) == (1, len(scene.offers))
    assert {uid for uid, _ in report.most} | set() <= set(scene.offers)
    assert report.never == len(scene.offers) - len(report.most)
    page = enter(scene.operator).get("/en/exposure").text
    assert all(uid in page for uid, _ in report.most)
