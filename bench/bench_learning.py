"""A simulated year of decisions on a judged set: `python -m bench.bench_learning DOCS QUERIES QRELS`.

Without files it says so and measures nothing: judgements of that size are no part of this project.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import select

from bench.year import Candidates, Month, year
from marketplace.commands import evaluating
from marketplace.models.listings import Listing
from marketplace.runtime import Runtime
from marketplace.services import judged_sets, matchmaking
from marketplace.work import look

DEEP = 50
SEEDS = (1, 2, 3)


def candidates(runtime: Runtime, queries: Path, judged: dict[str, set[str]]) -> Candidates:
    """For each judged query the best offers with how their signals were rated, named as the files name them."""
    with look(runtime) as work:
        names = dict(work.session.execute(select(Listing.uid, Listing.source_id)).all())
        return {
            query.id: [
                (names[score.offer], score.ratings)
                for score in matchmaking.preview(work, query.content, uid="query", owner="", limit=DEEP)
            ]
            for query in judged_sets.queries(queries, judged)
        }


def told(months: list[Month]) -> str:
    lines = [
        f"{number:5} {month.decisions:9} {month.outcome:11} {month.ndcg:.4f} "
        + ("" if month.error is None else f"{month.error:.4f}")
        for number, month in enumerate(months)
    ]
    return "\n".join(["month decisions outcome     nDCG@10 calibration error, both held back", *lines])


def main(docs: str, queries: str, qrels: str) -> None:
    judged = judged_sets.judgements(Path(qrels))
    with evaluating.own_exchange("", terms=None) as runtime:
        evaluating.loaded(runtime, (Path(docs),))
        evaluating.compiled(runtime)
        found = candidates(runtime, Path(queries), judged)
    for seed in SEEDS:
        print(f"seed {seed}")
        print(told(year(found, judged, seed=seed)))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        main(*sys.argv[1:])
    else:
        print(__doc__)
