"""A repository that speaks OAI-PMH over a real socket of this machine, and misbehaves when a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from tests.support.answering import answering, write

PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOW = "2026-11-24T03:00:00Z"
SECONDS, DAYS = "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DD"
"""Granularities."""
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
)


@dataclass(frozen=True)
class Entry:
    """One record as the repository keeps it. `more` are further elements of Dublin Core: name, text."""

    identifier: str
    title: str
    datestamp: str = "2026-11-01T00:00:00Z"
    description: str = "Mô tả đủ dài để đăng."
    deleted: bool = False
    more: tuple[tuple[str, str], ...] = ()

    def written(self) -> str:
        status = ' status="deleted"' if self.deleted else ""
        head = (
            f"<header{status}><identifier>{escape(self.identifier)}</identifier>"
            f"<datestamp>{self.datestamp}</datestamp></header>"
        )
        if self.deleted:
            return f"<record>{head}</record>"
        said = [("title", self.title), ("description", self.description), *self.more]
        words = "".join(f"<dc:{name}>{escape(text)}</dc:{name}>" for name, text in said if text)
        return f"<record>{head}<metadata>{DC}{words}</oai_dc:dc></metadata></record>"


def answered(inside: str, now: str = NOW) -> bytes:
    start = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>{now}</responseDate>'
    return f"{PROLOGUE}{start}{inside}</OAI-PMH>".encode()


def listed(entries: list[Entry], token: str = "", now: str = NOW) -> bytes:
    rows = "".join(entry.written() for entry in entries)
    return answered(f"<ListRecords>{rows}<resumptionToken>{token}</resumptionToken></ListRecords>", now)


def error(code: str, now: str = NOW) -> bytes:
    return answered(f'<error code="{code}">no</error>', now)


def identity(granularity: str = SECONDS, deletions: str = "no") -> bytes:
    said = f"<deletedRecord>{deletions}</deletedRecord><granularity>{granularity}</granularity>"
    return answered(f"<Identify><repositoryName>Kho</repositoryName>{said}</Identify>")


@dataclass
class Repository:
    """`expired`: tokens that are refused once. `instead`: what it answers whatever it is asked, as status and body.

    `now` is its clock; without a `granularity` it does not say what it is.
    """

    entries: list[Entry] = field(default_factory=list)
    size: int = 2
    expired: set[str] = field(default_factory=set)
    instead: tuple[int, bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """What was asked of its list, in order; `identified` counts how often it was asked what it is."""
    identified: int = 0
    accepted: list[str] = field(default_factory=list)
    """The forms in which an answer was asked for."""
    now: str = NOW
    granularity: str = SECONDS
    deletions: str = "no"
    url: str = ""

    def renamed(self, before: str, after: str) -> None:
        """Give every record another id."""
        self.entries = [
            replace(one, identifier=one.identifier.replace(before, after)) for one in self.entries
        ]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        self.accepted.append(handler.headers.get("Accept", ""))
        status, body = self.answer(handler.path)
        write(handler, status, body, {"Content-Type": "text/xml", **self.headers})

    def answer(self, path: str) -> tuple[int, bytes]:
        question = dict(parse_qsl(urlsplit(path).query))
        if question.get("verb") == "Identify":
            self.identified += 1
        else:
            self.asked.append(question)
        if self.instead is not None:
            return self.instead
        if question.get("verb") == "Identify":
            return 200, identity(self.granularity, self.deletions) if self.granularity else error("badVerb")
        return 200, self._list(question)

    def _list(self, question: dict[str, str]) -> bytes:
        token = question.get("resumptionToken", "")
        if token in self.expired:
            self.expired.discard(token)
            return error("badResumptionToken")
        since, start = question.get("from", ""), 0
        if since and "T" in since and self.granularity == DAYS:
            return error("badArgument", self.now)
        if token:
            since, _, place = token.partition("|")
            start = int(place)
        entries = [one for one in self.entries if one.datestamp >= since]
        if not entries:
            return error("noRecordsMatch", self.now)
        end = start + self.size
        return listed(entries[start:end], f"{since}|{end}" if end < len(entries) else "", self.now)


@contextmanager
def repository(*entries: Entry, size: int = 2) -> Iterator[Repository]:
    """Serve on a free loopback port until the test is over."""
    serving = Repository(list(entries), size)
    with answering(serving.serve) as address:
        serving.url = f"{address}/oai"
        yield serving
