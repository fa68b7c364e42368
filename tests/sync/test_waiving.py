"""A refused record that its home does not mend: an operator lets it rest, and its home goes on being told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from exchange.items import Item
from marketplace.errors import Conflict, GiaoError, NotFound
from marketplace.models.audit import AuditEntry
from marketplace.models.exchanges import Issue
from marketplace.runtime import Runtime
from marketplace.services import feed
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import issues, watching
from marketplace.work import begin, look
from tests.sync.conftest import Pair
from tests.sync.test_abuse import a_body, an_item, in_session, send, written
from tests.sync.test_pages import staff

PAGE = "/vi/exchanges/can-tho"


def refused(pair: Pair) -> Item:
    """A record whose hash is another, as the national exchange has received it."""
    in_session(pair)
    item = an_item(a_body(pair), seq=1)
    send(pair, written(pair, replace(item, hash=f"sha-256:{'0' * 64}")))
    return item


def issue(runtime: Runtime, uid: str) -> Issue:
    with look(runtime) as work:
        found = work.session.scalars(select(Issue).where(Issue.uid == uid)).one()
        work.session.expunge(found)
        return found


def told(pair: Pair, uid: str) -> str:
    """The state in which the issue stands in the feed, for its home."""
    with look(pair.national) as work:
        row = feed.row(work, f"national:{issues.KIND}:{issue(pair.national, uid).id}")
        assert row is not None
        return str(row.body["state"])


def test_an_operator_lets_a_refused_record_rest(pair: Pair) -> None:
    item = refused(pair)
    operator = staff(pair.national, "tam@example.org", "operator")
    path = f"{PAGE}/issues/{issue(pair.national, item.uid).id}/waive"
    assert path in operator.get(PAGE).text
    assert operator.post(path).status_code == 303
    done = operator.get(PAGE).text
    assert "không xử lý nữa" in done
    assert item.uid not in done
    with look(pair.national) as work:
        assert watching.sheet(work, SYSTEM, "can-tho").standing.issues == 0
        noted = select(AuditEntry.object).where(AuditEntry.action == "issue.waive")
        assert work.session.scalars(noted).all() == [item.uid]


def test_to_its_home_it_stays_open_until_that_sends_it_well(pair: Pair) -> None:
    item = refused(pair)
    with begin(pair.national) as work:
        issues.waive(work, SYSTEM, "can-tho", issue(pair.national, item.uid).id)
    assert (issue(pair.national, item.uid).state, told(pair, item.uid)) == ("waived", "open")
    send(pair, written(pair, replace(item, seq=2, rev=2), prev=1))
    assert (issue(pair.national, item.uid).state, told(pair, item.uid)) == ("fixed", "fixed")


def test_what_its_home_asks_for_by_itself_is_open_too(pair: Pair) -> None:
    item = refused(pair)
    with begin(pair.national) as work:
        issues.waive(work, SYSTEM, "can-tho", issue(pair.national, item.uid).id)
    with look(pair.national) as work:
        (asked,) = issues.opened(work, "can-tho")
        assert issues.as_body(asked)["state"] == "open"


def test_what_is_held_can_be_mended_and_is_not_let_rest(pair: Pair) -> None:
    in_session(pair)
    bad = a_body(pair)
    bad["content"]["fields"] = ["99.9"]
    item = an_item(bad, seq=1)
    send(pair, written(pair, item))
    held = issue(pair.national, item.uid)
    assert refusal(pair, "can-tho", held.id) == Conflict("issue_of_held").code
    assert issue(pair.national, item.uid).state == "open"
    operator = staff(pair.national, "tam@example.org", "operator")
    assert "/waive" not in operator.get(PAGE).text


@pytest.mark.parametrize("origin", ["ha-noi", "no-such"])
def test_an_issue_is_found_under_its_own_exchange_only(pair: Pair, origin: str) -> None:
    item = refused(pair)
    assert refusal(pair, origin, issue(pair.national, item.uid).id) == NotFound("not_found").code
    assert refusal(pair, "can-tho", "no-such-issue") == NotFound("not_found").code


def refusal(pair: Pair, origin: str, issue_id: str) -> str:
    with begin(pair.national) as work, pytest.raises(GiaoError) as said:
        issues.waive(work, SYSTEM, origin, issue_id)
    return said.value.code
