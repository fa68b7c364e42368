"""How alike the two engines rank on a judged set: `python -m bench.parity DOCUMENTS QUERIES [QUESTIONS]`.

Both files are JSON Lines, plain or compressed with gzip, with `id`, `title`, `text` and `lang`. Every document goes into
Tantivy and into the Elasticsearch that `make services` has started; each query's title, or its text where it has none, is
asked of both. Printed: how many of the first ten both name, on average; of how many questions the first is the same; and
how many questions have another total or another count of a facet.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from bench.bench_engines import fill
from bench.servers import search_server
from search import elastic, embedded
from search.document import Document
from search.engine import Engine
from search.query import Query
from tests.support.exchanges import own_prefix

QUESTIONS = 500
NOW = datetime(2026, 11, 24, tzinfo=UTC)
FACETS = ("kind", "language", "trl", "updated", "province")


def main(documents: str, queries: str, count: str = str(QUESTIONS)) -> None:
    asked = [text for row in islice(rows(queries), int(count)) if (text := row.get("title") or row["text"])]
    with tempfile.TemporaryDirectory() as folder:
        engines = [
            embedded.open_engine(f"tantivy:{folder}/index"),
            elastic.open_engine(f"{search_server()}/{own_prefix()}"),
        ]
        try:
            for engine in engines:
                fill(engine, documents_of(documents))
            tell(*engines, asked)
        finally:
            for engine in engines:
                engine.drop()
                engine.close()


def tell(one: Engine, other: Engine, asked: list[str]) -> None:
    shares, same_first, other_counts = [], 0, 0
    for text in asked:
        query = Query(text=text, size=10, facets=FACETS, forgiving=False, now=NOW)
        mine, theirs = one.search(query), other.search(query)
        tops = [[hit.uid for hit in results.hits] for results in (mine, theirs)]
        most = max(map(len, tops))
        shares.append(len({*tops[0]} & {*tops[1]}) / most if most else 1.0)
        same_first += tops[0][:1] == tops[1][:1]
        other_counts += (mine.total, plain(mine.facets)) != (theirs.total, plain(theirs.facets))
    overlap = sum(shares) / len(shares)
    print(
        f"{len(asked)} questions of {one.count():,} documents: overlap@10 {overlap:.4f} (wanted: at least 0.98), ",
        end="",
    )
    print(f"the same first {same_first / len(asked):.4f}, other totals or facet counts in {other_counts}")


def plain(facets: Any) -> dict[str, dict[str, int]]:
    return {name: {code: count for code, count in counts.items() if count} for name, counts in facets.items()}


def documents_of(path: str) -> Iterator[Document]:
    """With some codes by number, so that there is something to count."""
    for number, row in enumerate(rows(path), start=1):
        yield Document(
            uid=f"parity:offer:{number:07}", version=number, kind=("offer", "demand")[number % 2],
            title=row.get("title") or "", description=row["text"], languages=(row.get("lang") or "en",),
            trl_min=number % 9 + 1, trl_max=9, province=("01", "79", "92")[number % 3],
            updated_at=NOW - timedelta(hours=number),
        )  # fmt: skip


def rows(path: str) -> Iterator[dict[str, Any]]:
    opener = gzip.open if Path(path).suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
