"""Reading a repository that only lets itself be read: the pages of OAI-PMH 2.0, ListRecords in `oai_dc`.

A page is read as a whole or refused as a whole; a record without a readable header is counted and passed over. What a
repository answers with an error code is no fault of the transport but something it says, and stands in the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from exchange.markup import Element, read_xml
from exchange.problems import Refused
from vocabulary.text import clean

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = "http://purl.org/dc/elements/1.1/"
FORMAT = "oai_dc"
"""The one metadata format that every repository must have."""
NOTHING, TOKEN_LOST, NOT_SO = "noRecordsMatch", "badResumptionToken", "badArgument"
MOST_RECORDS = 5_000
"""Of one page."""
LONGEST_NAME = 500
"""Characters of an identifier; those of real repositories have some dozens."""
LONGEST_TOKEN = 4_000
MOST_SAID = 200
"""Elements of one record that are read."""
_DATESTAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")
_ERROR = re.compile(r"[A-Za-z]{1,40}")


@dataclass(frozen=True, slots=True)
class Said:
    """One element of Dublin Core: its name such as `title`, its text, and the language it names or nothing."""

    name: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Harvest:
    """One record of a page. `datestamp` is as the repository writes it; of a deleted one nothing else is known."""

    identifier: str
    datestamp: str
    deleted: bool = False
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """`token` asks for the next page, empty after the last. `error` is a code of OAI-PMH, empty when all is well.

    `unreadable` counts records whose header could not be read. `answered` is when the repository says it has answered.
    """

    records: tuple[Harvest, ...] = ()
    token: str = ""
    error: str = ""
    detail: str = ""
    unreadable: int = 0
    answered: str = ""


def question(url: str, *, chosen: str = "", since: str = "", token: str = "") -> str:
    """The address of a page: by its token, else the first page of the set `chosen` from the datestamp `since` on."""
    asked = {"verb": "ListRecords"}
    if token:
        asked["resumptionToken"] = token
    else:
        named = {"metadataPrefix": FORMAT, "set": chosen, "from": since}
        asked |= {name: value for name, value in named.items() if value}
    return f"{url}?{urlencode(asked)}"


def read_page(raw: bytes) -> Page:
    """Raises `Refused` when this is no answer to ListRecords."""
    root = read_xml(raw)
    if root.name != _oai("OAI-PMH"):
        raise Refused("malformed", "the answer is not OAI-PMH 2.0")
    error = root.child(_oai("error"))
    answered = root.text_of(_oai("responseDate"))
    if error is not None:
        code = error.attributes.get("code", "")
        named = code if _ERROR.fullmatch(code) else "unknown"
        return Page(error=named, detail=clean(error.text)[:300], answered=answered)
    listed = root.child(_oai("ListRecords"))
    if listed is None:
        raise Refused("malformed", "the answer holds neither a list of records nor an error")
    found = [one for one in listed.children if one.name == _oai("record")]
    if len(found) > MOST_RECORDS:
        raise Refused("too_large", f"a page of more than {MOST_RECORDS} records")
    records = [_record(one) for one in found]
    token = listed.text_of(_oai("resumptionToken"))
    if len(token) > LONGEST_TOKEN:
        raise Refused("malformed", f"a resumptionToken of more than {LONGEST_TOKEN} characters")
    read = tuple(one for one in records if one is not None)
    return Page(read, token, unreadable=len(records) - len(read), answered=answered)


def moment(datestamp: str) -> datetime | None:
    """What a datestamp says, in UTC; None when it says nothing."""
    if not _DATESTAMP.fullmatch(datestamp):
        return None
    try:
        return datetime.fromisoformat(datestamp.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _record(element: Element) -> Harvest | None:
    header = element.child(_oai("header"))
    if header is None:
        return None
    identifier, datestamp = header.text_of(_oai("identifier")), header.text_of(_oai("datestamp"))
    if not identifier or len(identifier) > LONGEST_NAME or not identifier.isprintable():
        return None
    if moment(datestamp) is None:
        return None
    if header.attributes.get("status") == "deleted":
        return Harvest(identifier, datestamp, deleted=True)
    return Harvest(identifier, datestamp, said=_said(element.child(_oai("metadata"))))


def _said(metadata: Element | None) -> tuple[Said, ...]:
    """The elements of Dublin Core, in whatever they are wrapped: repositories differ in the wrapping only."""
    inside = [one for wrapped in (metadata.children if metadata else ()) for one in wrapped.children]
    return tuple(
        Said(one.name.removeprefix(_dc("")), clean(one.text), one.language)
        for one in inside[:MOST_SAID]
        if one.name.startswith(_dc("")) and clean(one.text)
    )


def _oai(name: str) -> str:
    return f"{OAI} {name}"


def _dc(name: str) -> str:
    return f"{DC} {name}"
