"""`giao duplicates` on both kinds of exchange."""

from __future__ import annotations

from marketplace.work import begin
from tests.commands.conftest import Giao
from tests.support.market import content, publish
from tests.support.twins import TITLE, received, suggestion_about


def test_the_national_exchange_lists_shows_and_decides(giao: Giao) -> None:
    giao.settings["ROLE"] = "national"
    with giao.runtime() as runtime:
        one, other = received(runtime)
    listed = giao.json("duplicates", "list", "--show", "asked")
    (pair,) = listed["pairs"]
    assert sorted(side["uid"] for side in pair["sides"]) == sorted((one, other))
    assert TITLE in giao("duplicates", "list", "--show", "asked").output
    assert giao.json("duplicates", "decide", pair["id"], "link", "--note", "Một bằng")["state"] == "linked"
    shown = giao("duplicates", "show", pair["id"]).output
    assert "Linked by system" in shown
    assert "open to: part, undo" in shown
    again = giao("duplicates", "decide", pair["id"], "link")
    assert again.exit_code == 1
    assert giao("duplicates", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV").exit_code == 1


def test_a_local_exchange_lists_and_answers_what_is_suggested(giao: Giao) -> None:
    with giao.runtime() as runtime:
        (uid,) = publish(runtime, content("offer", TITLE))
        with begin(runtime) as work:
            work.session.add(suggestion_about(uid, work.now))
    (told,) = giao.json("duplicates", "list")["suggestions"]
    assert (told["about"], told["answer"]) == (uid, "")
    assert giao.json("duplicates", "answer", told["uid"], "reject")["answer"] == "reject"
    assert "reject" in giao("duplicates", "list").output
