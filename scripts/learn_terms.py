"""Makes `vocabulary/data/terms.csv` anew, from the names of our code lists and the demonstration's own texts.

.venv/bin/python -m scripts.learn_terms
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from marketplace.demo.loading import DATA as DEMO
from marketplace.demo.loading import KINDS
from matching.aligning import learned
from matching.parallel import parallel
from vocabulary import term_files, term_list
from vocabulary.bilingual import TermTable
from vocabulary.codelist import DATA
from vocabulary.listing import from_record

SURE = 100
"""Thousandths. So few texts teach little, and what ships with every exchange must not mislead."""
NOTE = "Learned from the names of our code lists and the demonstration's own texts by scripts/learn_terms.py."


def texts() -> Iterator[tuple[str, str]]:
    """All that we wrote in both languages."""
    yield from term_list.titles()
    for kind in KINDS:
        for line in (DEMO / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
            yield from parallel(from_record(json.loads(line)), ("vi", "en"))


def made() -> str:
    """The file as it ought to be."""
    table = learned(texts(), ("vi", "en"))
    return term_files.written(TermTable(tuple(one for one in table.entries if one.weight >= SURE)), NOTE)


if __name__ == "__main__":
    (DATA / "terms.csv").write_text(made(), encoding="utf-8")
