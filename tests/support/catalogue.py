"""A catalogue in DCAT over a real socket of this machine, page by page as its vocabulary Hydra says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.answering import answering
from tests.support.repository import Entry, Repository

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
}
HOME = "https://dulieu.example/dataset/"


def dataset(entry: Entry) -> dict[str, Any]:
    """The record as a data set; what it says more is said in `dct`."""
    more: dict[str, list[Any]] = {}
    for name, text in entry.more:
        more.setdefault(f"dct:{name}", []).append(text)
    return {
        "@id": HOME + entry.identifier, "@type": "dcat:Dataset",
        "dct:title": {"@value": entry.title, "@language": "vi"}, "dct:description": entry.description,
        "dct:modified": {"@value": entry.datestamp, "@type": "xsd:dateTime"},
        "dcat:landingPage": {"@id": f"{HOME}{entry.identifier}/xem"}, **more,
    }  # fmt: skip


def written(*nodes: Mapping[str, Any], context: Any = CONTEXT) -> bytes:
    return json.dumps({"@context": context, "@graph": list(nodes)}, ensure_ascii=False).encode()


def page(entries: list[Entry], following: str = "") -> bytes:
    """One page of several; `following` is the address of the next."""
    sets = [dataset(one) for one in entries]
    catalogue = {
        "@id": "https://dulieu.example/", "@type": "dcat:Catalog", "dcat:dataset": [{"@id": one["@id"]} for one in sets],
    }  # fmt: skip
    view: dict[str, Any] = {"@id": "#view", "@type": "hydra:PagedCollection"}
    if following:
        view["hydra:nextPage"] = following
    return written(catalogue, view, *sets)


class Catalogue(Repository):
    """As a repository; its questions are those that stood in the address."""

    following = ""
    """Where it says that every page goes on, instead of where it does."""

    def answer(self, path: str) -> tuple[int, bytes]:
        question = dict(parse_qsl(urlsplit(path).query))
        self.asked.append(question)
        if self.instead is not None:
            return self.instead
        start = int(question.get("page", "0"))
        end = start + self.size
        there = self.following or (f"{self.url}?page={end}" if end < len(self.entries) else "")
        return 200, page(self.entries[start:end], there)


@contextmanager
def catalogue(*entries: Entry, size: int = 2) -> Iterator[Catalogue]:
    """Serve on a free loopback port until the test is over."""
    serving = Catalogue(list(entries), size)
    with answering(serving.serve) as address:
        serving.url = f"{address}/catalog.jsonld"
        yield serving
