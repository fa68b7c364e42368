"""How good search and matching are on a judged set: asked through the same services the web uses.

Judgements are read for scoring only. Documents go into an exchange of their own, which is gone afterwards.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import select

from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import alike, catalogue, embeddings, matchmaking
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
    """Means over the queries that have a judgement. Seconds are those of asking, without loading.

    Of matching alone: `tie_share` is the share of the first ten whose score as shown another of them has, too;
    `hub_share` the share of all queries in whose first ten the same document stands without being judged relevant,
    for the document where it is largest.
    """

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    seconds_per_query: float
    tie_share: float = 0.0
    hub_share: float = 0.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """The documents that came for one query, best first, and how long it took."""

    ranking: Sequence[str]
    relevant: set[str]
    seconds: float
    totals: Sequence[int] = ()


def measure(
    runtime: Runtime, plan: Plan, queries: Iterable[Asked], judged: Mapping[str, set[str]],
    report: Callable[[int], None],
) -> Figures:  # fmt: skip
    """Ask every query and score what came. The runtime holds the documents, indexed."""
    answers: list[_Answer] = []
    suggested: Counter[str] = Counter()
    with look(runtime) as work:
        names = _names(work)
        for query in queries:
            began = time.perf_counter()
            answer = ASK[plan.task](work, _put(query.content, plan), suggested)
            seconds = time.perf_counter() - began
            suggested.update(uid for uid, _ in answer[:CUT])
            ranking = [names[uid] for uid, _ in answer if names.get(uid) not in (None, query.id)]
            answers.append(_Answer(ranking, judged[query.id], seconds, [total for _, total in answer]))
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
        tie_share=metrics.mean([metrics.tie_share(one.totals, CUT) for one in answers if any(one.totals)]),
        hub_share=metrics.hub_share([(one.ranking, one.relevant) for one in answers], CUT),
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


def _search(work: Work, content: Content, _suggested: Mapping[str, int]) -> list[tuple[str, int]]:
    text = "\n".join(part for part in (content.text.title, content.text.description) if part)
    return [(one.listing.uid, 0) for one in catalogue.search(work, Query(text=text, size=DEPTH)).findings]


def _match(work: Work, content: Content, suggested: Mapping[str, int]) -> list[tuple[str, int]]:
    """As one demand after another would be answered: how often each offer was suggested so far moves it back."""
    scores = matchmaking.preview(work, content, uid="query", owner="", limit=DEPTH, counted=suggested)
    return [(score.offer, score.total) for score in scores]


def _like(work: Work, content: Content, _suggested: Mapping[str, int]) -> list[tuple[str, int]]:
    """A query need not be among the documents, so it is not asked for by its uid."""
    body = {"content": as_record(content.revised(kind="offer"))}
    # A uid of its own for each: what was read of one revision of a listing is remembered by its uid.
    row = Row(f"query-{hash(content.text)}", "offer", "", 0, "upsert", body, 0, work.now)
    made = embeddings.alone(work, row)
    return [(hit.uid, 0) for hit in alike.nearest(work, row, limit=DEPTH, made=made)]


Answers = Callable[[Work, Content, Mapping[str, int]], list[tuple[str, int]]]
"""From a query, and how often each document was suggested before, to uids with their totals, best first."""

ASK: Mapping[Task, Answers] = {"search": _search, "match": _match, "like": _like}


OF_MATCHING = ("tie_share", "hub_share")


def described(plan: Plan, figures: Figures, engine: str) -> dict[str, Any]:
    """The figures as one flat record, for `--json`."""
    asked = {"task": plan.task, "fields": plan.fields}
    record = asdict(figures) | asked | {"engine": engine, "model_version": MODEL_VERSION}
    return {name: value for name, value in record.items() if plan.task == "match" or name not in OF_MATCHING}
