"""The files of a judged set: documents, queries, and which of the documents answer which query."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from marketplace.errors import Invalid
from marketplace.files.reading import opened
from marketplace.files.rows import listing_row
from marketplace.files.seen import SeenIds
from marketplace.runtime import Runtime
from marketplace.services import owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM
from marketplace.work import begin
from vocabulary.listing import Content, Text
from vocabulary.problems import Problem

COLUMNS = frozenset(["query_id", "doc_id", "relevance"])
OWNER = "Evaluation"
ROWS_AT_ONCE = 400
MOST_PROBLEMS = 20
"""Contradictions that are named; the rest is of the same kind."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a judged set, read as a demand."""

    id: str
    content: Content


def judgements(path: Path) -> dict[str, set[str]]:
    """query -> relevant documents, from a tab-separated file with the header query_id, doc_id, relevance.

    Raises `Invalid` for a file that is none, and for one whose rows contradict each other; nothing of it is used then.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            if not set(rows.fieldnames or ()) >= COLUMNS:
                raise ValueError("no header")
            said = _said(rows)
    except (ValueError, TypeError, csv.Error):
        raise Invalid([Problem("", "qrels.unreadable", {"value": path.name})]) from None
    relevant: dict[str, set[str]] = {}
    for (query, document), (value, _) in said.items():
        if value > 0:
            relevant.setdefault(query, set()).add(document)
    return relevant


def _said(rows: csv.DictReader[str]) -> dict[tuple[str, str], tuple[float, int]]:
    """(query, document) -> relevance and the row that says so; the header is row 1."""
    said: dict[tuple[str, str], tuple[float, int]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        about, value = (row["query_id"], row["doc_id"]), float(row["relevance"])
        if not isfinite(value):
            raise ValueError("no number")
        before = said.setdefault(about, (value, number))
        if before[0] != value:
            where = {"row": str(number), "other": str(before[1]), "query": about[0], "document": about[1]}
            problems.append(Problem(f"rows.{number}", "qrels.contradiction", where))
    if problems:
        raise Invalid(problems[:MOST_PROBLEMS])
    return said


def queries(
    path: Path, judged: Mapping[str, Any], leave_out: Callable[[int], None] = lambda number: None
) -> Iterator[Asked]:
    """The queries that have a judgement, each once. `leave_out` is told the number of a row that cannot be read, and of one
    whose id came before. Raises `UnreadableFile`.
    """
    asked: set[str] = set()
    with opened(path) as file:
        for row in file.rows:
            own = str((row.values or {}).get("id") or "")
            if row.values is None or not own or own in asked:
                leave_out(row.number)
            elif own in judged:
                asked.add(own)
                yield Asked(own, _as_demand(row.values))


def _as_demand(values: Mapping[str, Any]) -> Content:
    title, text = str(values.get("title") or ""), str(values.get("text") or "")
    language = str(values.get("lang") or "en")
    return Content("demand", language, {language: Text(title=title, description=text)})


def load(runtime: Runtime, path: Path) -> int:
    """Publish the documents of one file as offers, whatever they call themselves; how many had to be left out."""
    documents, left_out = _documents(path), 0
    while rows := list(islice(documents, ROWS_AT_ONCE)):
        items = [item for item in rows if item is not None]
        with begin(runtime) as work:
            owner = owners.find_or_create(work, OWNER)
            outcomes = post_many(work, SYSTEM, owner.id, items, publish=True)
        left_out += len(rows) - sum(outcome.result == "created" for outcome in outcomes)
    return left_out


def _documents(path: Path) -> Iterator[Item | None]:
    """The documents as `giao import` would read them; None for one that cannot be read or came before."""
    with opened(path) as file, closing(SeenIds()) as seen:
        for row in file.rows:
            read = listing_row({**(row.values or {}), "kind": "offer"}, kind=None)
            again = read.content is not None and seen.before(read.source_id, row.number)
            yield (
                None
                if read.content is None or again
                else Item(read.source_id, read.source_hash, read.content)
            )
