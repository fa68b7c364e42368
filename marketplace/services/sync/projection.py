"""What is shown here of another exchange's record: a view that follows from the kept copy and from nothing else.

The copy stays as it came. The view holds its texts cleaned and in NFC, and only the names this version knows. What
this exchange would not publish of its own is held, with what is wrong; what is written in a version it does not know
is opaque until it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from marketplace.services.slices import PUBLIC_NAMES
from marketplace.services.sync import decisions, probes
from marketplace.services.sync.issues import MOST_PROBLEMS
from vocabulary import checks, records
from vocabulary.links import web_address
from vocabulary.listing import Contact, Content, as_record
from vocabulary.problems import Problem
from vocabulary.text import clean

KNOWN_MAJORS: Mapping[str, int] = {
    "offer": 1,
    "demand": 1,
    "initiative": 1,
    decisions.KIND: 1,
    probes.KIND: 1,
}
"""Kind -> the major version of its schema that is understood here; minor ones only add."""
MOMENTS = ("published_at", "updated_at", "expires_at")
SCHEMA = re.compile(r"([a-z_]+)/(\d{1,4})\.(\d{1,4})")
LONGEST_NAME = 300
LONGEST_MOMENT = 40
MOST_LINES = 20
"""Of creators, dates, identifiers and rights of a harvested record, each."""


@dataclass(frozen=True, slots=True)
class View:
    """`state` is visible, held, opaque or none. `body` is what is shown of a visible one.

    `problems` are the first that were found: a record can hold more of them than characters.
    """

    state: str
    body: Mapping[str, Any] | None = None
    problems: Sequence[Problem] = ()


OPAQUE = View("opaque")
GONE = View("none")


def understood(schema: str) -> bool:
    """Whether records of this schema can be read here."""
    found = SCHEMA.fullmatch(schema)
    return found is not None and KNOWN_MAJORS.get(found[1]) == int(found[2])


def outdated(schema: str) -> bool:
    """Whether this is an older form of a schema that is known here: its home must be brought up to date."""
    found = SCHEMA.fullmatch(schema)
    return found is not None and int(found[2]) < KNOWN_MAJORS.get(found[1], 0)


def view(*, uid: str, schema: str, op: str, body: Any) -> View:
    """The view of a record. Never raises for anything a record can hold."""
    if op != "upsert":
        return GONE
    if outdated(schema):
        return View("held", problems=(Problem("", "schema.outdated", {"schema": schema}),))
    if not understood(schema):
        return OPAQUE
    if not isinstance(body, Mapping):
        return View("held", problems=(Problem("", "json.object"),))
    kind = uid.split(":")[1]
    if kind in (decisions.KIND, probes.KIND):
        return _decision(body) if kind == decisions.KIND else _probe(body)
    content, misshapen = records.read(body.get("content"))
    found = chain(misshapen, _frame(body), _content(content, uid) if content else ())
    wrong = tuple(islice((_under_content(one) for one in found if not one.warning), MOST_PROBLEMS))
    if wrong or content is None:
        return View("held", problems=wrong)
    return View("visible", _shown(body, content, origin=uid.partition(":")[0]))


def _decision(body: Mapping[str, Any]) -> View:
    wrong = tuple(decisions.problems(body))
    return View("held", problems=wrong) if wrong else View("visible", decisions.shown(body))


def _probe(body: Mapping[str, Any]) -> View:
    """Shown to nobody; by it the index is measured."""
    at = body.get("at")
    if _is_moment(at):
        return View("visible", {"at": at})
    return View("held", problems=(Problem("at", "date.unreadable", {"value": str(at)[:40]}),))


def pointer(path: str) -> str:
    """The JSON pointer of a problem's dotted path."""
    return f"/{path.replace('.', '/')}" if path else ""


_FRAME = (*MOMENTS, "mark", "organisation", "source")


def _under_content(problem: Problem) -> Problem:
    named = problem.path.partition(".")[0]
    return problem if named in _FRAME else replace(problem, path=f"content.{problem.path}".rstrip("."))


def _content(content: Content, uid: str) -> Iterator[Problem]:
    if content.kind != uid.split(":")[1]:
        yield Problem("kind", "kind.unknown", {"value": str(content.kind)})
    yield from checks.found(content, publishing=True)


def _frame(body: Mapping[str, Any]) -> Iterator[Problem]:
    # What was harvested has no day on which it ends: it is there as long as its source lists it.
    for name in MOMENTS if body.get("source") is None else MOMENTS[:2]:
        if not _is_moment(body.get(name)):
            yield Problem(name, "date.unreadable", {"value": str(body.get(name, ""))[:40]})
    if body.get("mark", "") not in ("", "restricted", "prohibited"):
        yield Problem("mark", "code.unknown", {"value": str(body["mark"])[:40], "list": "marks"})
    if not isinstance(body.get("source", {}), Mapping):
        yield Problem("source", "json.object")
    named = body.get("organisation")
    if named is not None and not (
        isinstance(named, Mapping) and all(_is_name(one) for one in named.values())
    ):
        yield Problem("organisation", "json.object")


def _is_moment(value: Any) -> bool:
    # The reader of the standard library takes any sign between day and hour, and any number of decimals.
    if not isinstance(value, str) or len(value) > LONGEST_MOMENT or not value.isprintable():
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NAME


def _shown(body: Mapping[str, Any], content: Content, *, origin: str) -> dict[str, Any]:
    """Contact and broker never leave a home; should they have come, they are not shown."""
    shown: dict[str, Any] = {name: body[name] for name in MOMENTS if name in body}
    shown["content"] = as_record(content.revised(contact=Contact(), broker=""))
    shown["mark"] = body.get("mark", "")
    ground = body.get("ground", "")
    shown["ground"] = clean(ground)[:LONGEST_NAME] if isinstance(ground, str) else ""
    if body.get("organisation"):
        named = {name: clean(body["organisation"].get(name, "")) for name in PUBLIC_NAMES}
        # Two exchanges may not speak of each other's organisations.
        shown["organisation"] = named | {"id": f"{origin}:{named['id']}"}
    if body.get("source"):
        shown["source"] = _source(body["source"])
    return shown


def _source(said: Mapping[str, Any]) -> dict[str, Any]:
    """Where a record was harvested. Its page is a link only when it is an address of the web."""
    url, rights = said.get("url"), _lines(said.get("rights"))
    return {
        "url": web_address(url) if isinstance(url, str) else "",
        **{name: _lines(said.get(name)) for name in ("creators", "dates", "identifiers")},
        # Only where there are any: of what was harvested before, what is shown stays what it was.
        **({"rights": rights} if rights else {}),
    }


def _lines(said: Any) -> list[str]:
    lines = said if isinstance(said, list) else []
    return [clean(one)[:LONGEST_NAME] for one in lines[:MOST_LINES] if isinstance(one, str)]
