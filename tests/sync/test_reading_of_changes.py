"""An exchange that reads our feed: it may wait for news, and learns the shape of what it reads."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from exchange.changes import Page
from exchange.messages import Answer
from exchange.problems import Refused
from exchange.signing import verify_answer
from marketplace.readers import Sequencer, drain
from marketplace.runtime import MOST_WAITING
from marketplace.services import feed
from marketplace.work import begin, look
from tests.support.compiled import application
from tests.support.market import content, publish
from tests.sync.conftest import Pair
from tests.sync.test_enrolment import peering
from vocabulary.listing import Price, Requirement, Right


def changes(pair: Pair, wait: int, since: str = "") -> Page:
    return Page.read(peering(pair).ask("GET", f"/sync/v1/changes?since={since}&wait={wait}"))


@contextmanager
def asking(pair: Pair, wait: int, since: str) -> Iterator[list[Page]]:
    """While somebody waits for news; what was answered stands in the list afterwards."""
    answers: list[Page] = []
    thread = threading.Thread(target=lambda: answers.append(changes(pair, wait, since)))
    thread.start()
    yield answers
    thread.join(60)


def publish_nationally(pair: Pair) -> str:
    (uid,) = publish(pair.national, content("offer", "Trạm đo độ mặn"))
    drain([Sequencer(pair.national)])
    return uid


def test_a_reader_that_waits_is_answered_when_something_is_published(pair: Pair) -> None:
    empty = changes(pair, 0)
    with asking(pair, 25, str(empty.next)) as answers:
        uid = publish_nationally(pair)
    assert [item.uid for item in answers[0].items] == [uid]


def test_a_reader_with_something_to_read_does_not_wait(pair: Pair) -> None:
    pair.national.waiting_readers.acquire()
    uid = publish_nationally(pair)
    assert [item.uid for item in changes(pair, 25).items] == [uid]


def test_a_reader_that_does_not_know_the_epoch_is_told_at_once(pair: Pair) -> None:
    with pytest.raises(Exception, match="epoch"):
        changes(pair, 25, "another.5")


@pytest.mark.parametrize(
    "place", ["changes?since=&since=x.1", "snapshot?kinds=offer&kinds=demand", "issues?since=&since=1"]
)
def test_a_question_that_says_one_thing_twice_is_refused(pair: Pair, place: str) -> None:
    """Different programs take the first, the last or both (OWASP ASVS 5.0, 15.3.7)."""
    with pytest.raises(Refused, match="may stand once only") as refusal:
        peering(pair).ask("GET", f"/sync/v1/{place}")
    assert refusal.value.problem.code == "malformed"


def test_where_too_many_wait_one_more_is_answered_at_once(pair: Pair) -> None:
    for _ in range(MOST_WAITING):
        assert pair.national.waiting_readers.acquire(blocking=False)
    empty = changes(pair, 0)
    assert changes(pair, 25, str(empty.next)).items == ()


def test_e6_a_record_that_is_known_is_not_sent_again(pair: Pair) -> None:
    uid = publish_nationally(pair)
    with look(pair.national) as work:
        row = feed.row(work, uid)
    assert row is not None
    tag = f'"1-{row.hash.removeprefix("sha-256:")[:8]}"'
    first = one_record(pair, uid)
    assert (first.status, first.header("etag"), json.loads(first.body)["rev"]) == (200, tag, 1)
    for known in (tag, f'"0-0", W/{tag}', "*"):
        again = one_record(pair, uid, ("If-None-Match", known))
        assert (again.status, again.header("etag"), again.body) == (304, tag, b"")
    assert one_record(pair, uid, ("If-None-Match", '"2-00000000"')).status == 200


def one_record(pair: Pair, uid: str, *headers: tuple[str, str]) -> Answer:
    """The answer, which is signed by the national exchange."""
    speaking = peering(pair)
    request = speaking.signed("GET", f"/sync/v1/records/{uid}", b"", headers)
    answer = pair.wires.deliver(request)
    verify_answer(answer, request, lambda node, kid: speaking.keys.get(kid), node="national")
    return answer


def test_f35_i19_a_reader_of_pages_meets_every_record_while_others_write(pair: Pair) -> None:
    """Between any two pages as many records are published, and some revised, as the page has."""
    titles = iter(f"Trạm đo độ mặn {number}" for number in range(1_000))
    uids = publish(pair.national, *(content("offer", next(titles)) for _ in range(20)))
    drain([Sequencer(pair.national)])
    seen: list[tuple[str, int]] = []
    cursors, since = [0], ""
    while True:
        answer = peering(pair).ask("GET", f"/sync/v1/changes?since={since}&limit=5")
        read = Page.read(answer)
        seen.extend((item.uid, item.rev) for item in read.items)
        cursors.append(read.next.seq)
        since = str(read.next)
        if not read.more:
            break
        if len(uids) < 60:
            uids += publish(
                pair.national, *(content("offer", next(titles)) for _ in range(4)), start=len(uids)
            )
            with begin(pair.national) as work:
                feed.lift(work, uids[len(cursors)], rev=len(cursors))
            drain([Sequencer(pair.national)])
    assert {uid for uid, _ in seen} == set(uids)
    assert len(seen) == len(set(seen)), "none comes twice in the same revision"
    assert cursors == sorted(set(cursors)), "the cursor only advances"


# -- the shape of what is read ----------------------------------------------------------------------------------------

SHAPES = {
    "offer/1.0": "23d8caa345c8bee7b77a2e0206a22457d3f4ca3a6f75e787f3ee13005d2277ab",
    "offer/1.1": "a5846843843daef36f5c598a326aed0ccef340365b8b817bda0353ac78d8c715",
}
"""What was said of a version once may not be said otherwise: other names are another version."""


def shape(pair: Pair, name: str) -> tuple[int, dict[str, Any]]:
    answer = application(pair.national).test_client().get(f"/sync/v1/schemas/{name}.json")
    return answer.status_code, json.loads(answer.data)


def unfit(value: Any, shape: dict[str, Any], path: str = "") -> list[str]:
    """Places where the value is not what the shape says, or has a name that it does not know."""
    if "enum" in shape:
        return [] if value in shape["enum"] else [path]
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    if not isinstance(value, kinds[shape["type"]]):
        return [path]
    if isinstance(value, list):
        return [
            one for place, item in enumerate(value) for one in unfit(item, shape["items"], f"{path}/{place}")
        ]
    if not isinstance(value, dict):
        return []
    named, other = shape.get("properties", {}), shape.get("additionalProperties")
    return [
        one
        for name, item in value.items()
        for one in (
            unfit(item, named.get(name) or other, f"{path}/{name}")
            if name in named or other
            else [f"{path}/{name}"]
        )
    ]


def test_what_is_published_has_the_shape_that_is_told(pair: Pair) -> None:
    full = content("offer", "Trạm đo độ mặn").revised(
        requirements=(Requirement("Sai số", "<=", "0,5", "‰"),), rights=(Right("patent", "granted", "VN-1"),),
        price=Price(minimum=1_000_000, maximum=2_000_000), trl_min=7, trl_max=7, province="92", industries=("26",),
    )  # fmt: skip
    (uid,) = publish(pair.national, full)
    status, told = shape(pair, "offer/1.1")
    with look(pair.national) as work:
        row = feed.row(work, uid)
    assert row is not None
    assert (status, told["title"]) == (200, "offer/1.1")
    assert unfit(json.loads(json.dumps(row.body)), told) == []
    assert not {"contact", "broker"} & set(told["properties"]["content"]["properties"])


@pytest.mark.parametrize("version", SHAPES)
def test_the_shape_of_a_version_stays_as_it_is(pair: Pair, version: str) -> None:
    _, told = shape(pair, version)
    assert (
        hashlib.sha256(json.dumps(told["properties"], sort_keys=True).encode()).hexdigest() == SHAPES[version]
    )


def test_of_a_version_that_is_not_known_nothing_is_told(pair: Pair) -> None:
    status, told = shape(pair, "offer/9.0")
    assert (status, told["code"]) == (404, "not_found")
