"""How good search and matching are on a judged set: asked through the same services the web uses.

Judgements are read for scoring only. Documents go into an exchange of their own, which is gone afterwards.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select

from marketplace.errors import GiaoError
from marketplace.files.reading import opened
from marketplace.files.rows import listing_row
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import catalogue, indexing, matchmaking
from marketplace.services.feed import Row
from marketplace.work import Work, look
from matching import metrics
from matching.model import MODEL_VERSION
from search.query import Query
from vocabulary.listing import Content, Kind, Text, as_record
from vocabulary.text import fold

Task = Literal["search", "match", "like"]
Fields = Literal["title", "text", "full"]
DEPTH = 101
"""How many results are looked at: a hundred, and one more for the document that is the query itself."""
CUT, DEEP = 10, 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured and how the queries are asked."""

    task: Task
    fields: Fields = "full"
    without_marks: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Averages over the queries that have a judgement. Seconds are those of asking, without loading."""

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    seconds_per_query: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a judged set."""

    id: str
    content: Content


def read_judgements(path: Path) -> dict[str, set[str]]:
    """query -> relevant documents, from a tab-separated file with the header query_id, doc_id, relevance."""
    relevant: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        if not {"query_id", "doc_id", "relevance"} <= set(rows.fieldnames or ()):
            raise GiaoError("qrels_unreadable", file=path.name)
        for row in rows:
            if float(row["relevance"] or 0) > 0:
                relevant.setdefault(row["query_id"], set()).add(row["doc_id"])
    return relevant


def read_queries(path: Path, judged: Mapping[str, Any]) -> Iterator[Asked]:
    """The queries that have a judgement; each is read as a demand."""
    with opened(path) as file:
        for row in file.rows:
            if row.values is not None and str(row.values.get("id")) in judged:
                yield Asked(str(row.values["id"]), _as_demand(row.values))


def _as_demand(values: Mapping[str, Any]) -> Content:
    title, text = str(values.get("title") or ""), str(values.get("text") or "")
    language = str(values.get("lang") or "en")
    return Content("demand", language, {language: Text(title=title, description=text)})


def as_kind(values: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """A document of a judged set as a listing of the exchange, whatever it calls itself."""
    return {**values, "kind": kind}


def measure(runtime: Runtime, plan: Plan, queries: Iterable[Asked], judged: Mapping[str, set[str]],
            report: Callable[[int], None]) -> Figures:  # fmt: skip
    """Ask every query and score what came. The runtime holds the documents, indexed."""
    with look(runtime) as work:
        names = _names(work)
        sums, count, seconds = [0.0] * 4, 0, 0.0
        for query in queries:
            began = time.perf_counter()
            uids = ASK[plan.task](work, _put(query.content, plan))
            seconds += time.perf_counter() - began
            ranking = [name for uid in uids if (name := names.get(uid)) and name != query.id]
            sums = [total + figure for total, figure in zip(sums, _score(ranking, judged[query.id]), strict=True)]
            count += 1
            report(count)
    return Figures(*(round(total / max(count, 1), 4) for total in sums), count, round(seconds / max(count, 1), 4))


def _score(ranking: Sequence[str], relevant: set[str]) -> tuple[float, float, float, float]:
    return (
        metrics.ndcg(ranking, relevant, CUT),
        metrics.recall(ranking, relevant, CUT),
        metrics.recall(ranking, relevant, DEEP),
        metrics.reciprocal_rank(ranking, relevant, CUT),
    )


def _put(content: Content, plan: Plan) -> Content:
    """The query as it is to be asked: one field of it or both, with or without its marks."""
    text = content.text
    title = text.title if plan.fields in ("title", "full") else ""
    description = text.description if plan.fields in ("text", "full") else ""
    if plan.fields == "title" and not title:
        description = text.description
    if plan.without_marks:
        title, description = fold(title), fold(description)
    return content.revised(texts={content.language: Text(title=title, description=description)})


def _names(work: Work) -> dict[str, str]:
    return {uid: source or "" for uid, source in work.session.execute(select(Listing.uid, Listing.source_id))}


def _search(work: Work, content: Content) -> list[str]:
    text = "\n".join(part for part in (content.text.title, content.text.description) if part)
    return [one.listing.uid for one in catalogue.search(work, Query(text=text, size=DEPTH)).findings]


def _match(work: Work, content: Content) -> list[str]:
    return [score.offer for score in matchmaking.preview(work, content, uid="query", owner="", limit=DEPTH)]


def _like(work: Work, content: Content) -> list[str]:
    row = Row("query", "offer", "", 0, "upsert", {"content": as_record(content.revised(kind="offer"))}, 0, work.now)
    return [hit.uid for hit in work.runtime.engine.like(indexing.document(row), Query(size=DEPTH)).hits]


ASK: Mapping[Task, Callable[[Work, Content], list[str]]] = {"search": _search, "match": _match, "like": _like}


def described(plan: Plan, figures: Figures, engine: str) -> dict[str, Any]:
    """The figures as one flat record, for `--json`."""
    measured = {name: getattr(figures, name) for name in Figures.__dataclass_fields__}
    return measured | {"task": plan.task, "fields": plan.fields, "engine": engine, "model_version": MODEL_VERSION}


def rows_of(path: Path, kind: Kind) -> Iterator[Any]:
    """The documents of one file, read as `giao import` reads them."""
    with opened(path) as file:
        for row in file.rows:
            if row.values is not None:
                yield listing_row(as_kind(row.values, kind), kind=kind)
