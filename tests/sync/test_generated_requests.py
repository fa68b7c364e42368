"""Whatever an exchange that is let in may ask, signed as it should be: it gets an answer or a code of the protocol."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from exchange.messages import Request
from exchange.problems import STATUSES, Refused
from marketplace.peering import Peering
from marketplace.services import feed
from marketplace.work import look
from tests.sync.conftest import Pair
from tests.sync.test_faults import outgoing_line, sender

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 2**200, 1.5, 1e308, "", "\0", "\ud800", "x" * 5_000, "can-tho:offer:", [], {}, [[[]]],
    {"": {}},
)  # fmt: skip
"""What stands where something else belongs."""
WORDS = (
    "",
    "0",
    "-1",
    "9" * 30,
    "1.5",
    "*",
    "\0",
    "../..",
    "%",
    "offer,",
    "can-tho:offer:1",
    "x" * 3_000,
    "é",
    "\ud7ff",
)


NAMES = ("since", "kinds", "limit", "id")
EACH = 60
"""Requests a seed."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a JSON value, the whole of it first."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield from places(part, (*path, name))


def put(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    """The same with another part in one place; without it where the part is `...`."""
    if not path:
        return {} if part is ... else part
    changed = deepcopy(value)
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    if part is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = part
    return changed


def plain(request: Request) -> bytes:
    return gzip.decompress(request.body) if request.body[:2] == b"\x1f\x8b" else request.body


@pytest.fixture
def sent(pair: Pair) -> list[Request]:
    """What the two have said to each other while one listing was sent and all was compared."""
    pair.publish("Máy sấy thăng hoa")
    pair.push()
    pair.clock.move(timedelta(days=1))
    pair.push()
    known = {(one.method, urlsplit(one.url).path.split("/01")[0]): one for one in pair.wires.sent}
    return list(known.values())


def drawn(chance: Random, original: Request) -> tuple[str, str, bytes]:
    """Method, path and body of a request that is like one that was sent, but for something."""
    method = chance.choice((*[original.method] * 5, "PUT", "DELETE", "POST", "GET"))
    path = urlsplit(original.url).path
    if original.body:
        value = json.loads(plain(original))
        changed = put(value, chance.choice(list(places(value))), chance.choice((*ODD, ...)))
        return method, path, json.dumps(changed).encode("ascii")
    asked = {
        chance.choice(NAMES): quote(chance.choice(WORDS), errors="replace")
        for _ in range(chance.randint(0, 3))
    }
    return method, f"{path}?{'&'.join('='.join(one) for one in asked.items())}", b""


def code(asker: Peering, method: str, path: str, body: bytes, fence: str) -> str:
    """Empty for a good answer. Raises `NoAnswer` for what the other side has not signed."""
    try:
        asker.ask(method, path, body, ("XS-Fence", fence))
    except Refused as refused:
        return refused.problem.code
    return ""


@pytest.mark.parametrize("seed", range(4))
def test_a23_generated_requests_get_a_signed_answer_or_a_code_of_the_protocol(
    pair: Pair, sent: list[Request], seed: int
) -> None:
    chance, asker = Random(seed), pair.uplink._peering(outgoing_line(pair))
    codes = set[str]()
    for _ in range(EACH):
        asked = drawn(chance, chance.choice(sent))
        pair.clock.move(timedelta(seconds=2))
        codes.add(said := code(asker, *asked, sender(pair).fence))
        assert said in {"", *STATUSES} - {"unavailable"}, asked
    assert codes >= {"", "malformed", "wrong_method"}, "all sorts of answers"


def test_what_is_public_is_as_before(pair: Pair, sent: list[Request]) -> None:
    """None of what was recorded for the requests above is more than two exchanges say every day."""
    assert {one.method for one in sent} == {"GET", "POST"}
    with look(pair.national) as work:
        assert len(feed.newest(work, ["offer"], 10)) == 1
