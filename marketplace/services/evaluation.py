"""How good search and matching are on a judged set: asked through the same services the web uses.

Judgements are read for scoring only. Documents go into an exchange of their own, which is gone afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import select

from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import catalogue, indexing, matchmaking
from marketplace.services.feed import Row
from marketplace.services.judged_sets import Asked
from marketplace.work import Work, look
from matching import metrics
from matching.model import MODEL_VERSION
from search.query import Query
from vocabulary.listing import Content, Text, as_record
from vocabulary.text import fold

Task = Literal["search", "match", "like"]
Fields = Literal["title", "text", "full"]
CUT, DEEP = 10, 100
DEPTH = DEEP + 1
"""How many results are looked at: a hundred, and one more for the document that is the query itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured and how the queries are asked."""

    task: Task
    fields: Fields = "full"
    without_marks: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the queries that have a judgement. Seconds are those of asking, without loading."""

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    seconds_per_query: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """The documents that came for one query, best first, and how long it took."""

    ranking: Sequence[str]
    relevant: set[str]
    seconds: float


def measure(
    runtime: Runtime, plan: Plan, queries: Iterable[Asked], judged: Mapping[str, set[str]],
    report: Callable[[int], None],
) -> Figures:  # fmt: skip
    """Ask every query and score what came. The runtime holds the documents, indexed."""
    answers: list[_Answer] = []
    with look(runtime) as work:
        names = _names(work)
        for query in queries:
            began = time.perf_counter()
            uids = ASK[plan.task](work, _put(query.content, plan))
            seconds = time.perf_counter() - began
            ranking = [names[uid] for uid in uids if names.get(uid) not in (None, query.id)]
            answers.append(_Answer(ranking, judged[query.id], seconds))
            report(len(answers))
    return _figures(answers)


def _figures(answers: Sequence[_Answer]) -> Figures:
    return Figures(
        ndcg_at_10=metrics.mean([metrics.ndcg(one.ranking, one.relevant, CUT) for one in answers]),
        recall_at_10=metrics.mean([metrics.recall(one.ranking, one.relevant, CUT) for one in answers]),
        recall_at_100=metrics.mean([metrics.recall(one.ranking, one.relevant, DEEP) for one in answers]),
        mrr_at_10=metrics.mean([metrics.mrr(one.ranking, one.relevant, CUT) for one in answers]),
        queries=len(answers),
        seconds_per_query=metrics.mean([one.seconds for one in answers]),
    )


def _put(content: Content, plan: Plan) -> Content:
    """The query as it is to be asked: one field of it or both, with or without its marks."""
    title, description = content.text.title, content.text.description
    if plan.fields == "title" and title:
        description = ""
    if plan.fields == "text" and description:
        title = ""
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
    """A query need not be among the documents, so it is not asked for by its uid."""
    body = {"content": as_record(content.revised(kind="offer"))}
    row = Row("query", "offer", "", 0, "upsert", body, 0, work.now)
    return [hit.uid for hit in work.runtime.engine.like(indexing.document(row), Query(size=DEPTH)).hits]


ASK: Mapping[Task, Callable[[Work, Content], list[str]]] = {"search": _search, "match": _match, "like": _like}


def described(plan: Plan, figures: Figures, engine: str) -> dict[str, Any]:
    """The figures as one flat record, for `--json`."""
    asked = {"task": plan.task, "fields": plan.fields}
    return asdict(figures) | asked | {"engine": engine, "model_version": MODEL_VERSION}
