"""Two exchanges in step beside the floor of the same run: `make bench-sync`, or `python -m bench.bench_sync [PART …]`.

Each part runs alone, all of them one after the other when none is named:

- `apply`: what taking in a record costs the receiver's processor, and what an unchanged repetition writes;
- `memory`: what a request may make the receiver hold, whatever its body;
- `reconcile`: a comparison of many records, its time and its bytes;
- `night`: what a night without a change writes;
- `load`: a first full load by two real processes, local commit to searchable nationally, beside the slower of plain
  upserts and of indexing of the same, and beside one call, one transaction, one index commit a record;
- `steady`: the same for revisions over a line of 50 ms, indexed at home beforehand, then while they are being written;
- `cut`: changes of three days without a connection, caught up with;
- `fresh`: edits that come evenly from 34 exchanges, commit to searchable nationally.

The defaults end in some minutes; the figures that the protocol asks for are `--full`. `--servers` puts both sides of
`load`, `steady` and `cut` on PostgreSQL and Elasticsearch.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from bench.sync import freshness, nights, pure, pushing, receiving

SMALL = {"listings": 3_000, "edits": 1_500, "compared": 1_000_000, "seconds": 60}
FULL = {"listings": 100_000, "edits": 50_000, "compared": 1_000_000, "seconds": 600}

PARTS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "apply": lambda asked: receiving.apply(min(asked.listings, 20_000)),
    "memory": lambda asked: receiving.memory(),
    "reconcile": lambda asked: pure.comparing(asked.compared),
    "night": lambda asked: nights.unchanged(min(asked.listings, 1_000)),
    "load": lambda asked: pushing.load(asked.listings, servers=asked.servers),
    "steady": lambda asked: pushing.steady(asked.listings, asked.edits, servers=asked.servers),
    "cut": lambda asked: pushing.cut(asked.listings, asked.edits, servers=asked.servers),
    "fresh": lambda asked: freshness.fresh(asked.exchanges, asked.rate, asked.seconds),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="bench_sync", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help=f"the protocol's figures: {_told(FULL)}")
    for name, number in SMALL.items():
        parser.add_argument(f"--{name}", type=int, help=f"by default {number:,}")
    parser.add_argument("--exchanges", type=int, default=34)
    parser.add_argument("--rate", type=float, default=50, help="edits a second from all exchanges together")
    parser.add_argument("--servers", action="store_true", help="on PostgreSQL and Elasticsearch")
    asked = parser.parse_args()
    for name, number in (FULL if asked.full else SMALL).items():
        if getattr(asked, name) is None:
            setattr(asked, name, number)
    for part in asked.parts or PARTS:
        print(f"-- {part}", flush=True)
        PARTS[part](asked)


def _told(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sizes.items())


if __name__ == "__main__":
    main()
