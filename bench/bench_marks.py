"""Whether what is typed with marks comes first: `python -m bench.bench_marks FILE`.

FILE is JSON Lines of Vietnamese texts, plain or compressed with gzip, with `id`, `title` and `text`. Of its words some are
asked, alone and in pairs of neighbours, that are also other words with other marks. Printed is which share of the first ten
results writes them as they were typed, and for how many of them the total is the same as typed without marks.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

from bench.bench_engines import fill
from bench.parity import documents_of
from search import embedded
from search.analysis import spelling
from search.engine import Engine
from search.query import Query
from vocabulary.text import fold, tokens

MOST = 200
SELDOM, OFTEN = 10, 400
"""Texts that hold what is asked for: fewer do not fill a page, and what stands in more tells little."""


def main(path: str) -> None:
    documents = list(documents_of(path))
    texts = {one.uid: tokens(f"{one.title}\n{one.description}".lower()) for one in documents}
    with tempfile.TemporaryDirectory() as folder:
        engine = embedded.open_engine(f"tantivy:{folder}/index")
        fill(engine, documents)
        held = {uid: set(map(spelling, text)) for uid, text in texts.items()}
        tell(engine, "single words", ambiguous(texts.values(), set), held)
        tell(engine, "pairs of neighbours", ambiguous(texts.values(), neighbours), held)
        engine.close()


def neighbours(text: Iterable[str]) -> set[str]:
    return {" ".join(pair) for pair in pairwise(text)}


def ambiguous(texts: Iterable[list[str]], parts: Callable[[list[str]], Iterable[str]]) -> list[str]:
    """Those that answer at least as often with other marks."""
    counts = Counter(part for text in texts for part in parts(text))
    folded: dict[str, int] = defaultdict(int)
    for part, count in counts.items():
        folded[fold(part)] += count
    found = (
        part
        for part, count in counts.items()
        if SELDOM <= count <= OFTEN and not part.isascii() and part.replace(" ", "").isalpha()
        if folded[fold(part)] >= 2 * count
    )
    asked = sorted(found)
    return random.Random(1).sample(asked, min(MOST, len(asked)))


def tell(engine: Engine, what: str, asked: list[str], held: dict[str, set[str]]) -> None:
    shown = so = same = 0
    for text in asked:
        results = engine.search(Query(text))
        wanted = set(map(spelling, text.split()))
        shown += len(results.hits)
        so += sum(wanted <= held[hit.uid] for hit in results.hits)
        same += results.total == engine.search(Query(fold(text))).total
    print(
        f"{len(asked)} {what}: {so / max(1, shown):.3f} of the first ten write them so; {same} have the same total without"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
