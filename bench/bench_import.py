"""Listings from a file to searchable, beside the least that writing and indexing the same rows can take.

The import runs as an operator runs it, in a process of its own on a new exchange, matching paused. Its floor is taken
in the same run: the very rows it wrote, put into an empty SQLite by plain INSERTs, and the very documents it indexed,
handed to a bare Tantivy writer with all analysis done beforehand. Seconds of the clock depend on what else the machine
does; seconds of the processor much less.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import tantivy

from marketplace.demo.loading import DATA
from marketplace.followers import Indexing
from marketplace.runtime import Runtime
from marketplace.services import feed, indexing
from marketplace.services.importing import ROWS_AT_ONCE
from marketplace.settings import Settings
from marketplace.work import look
from search.embedded_index import WRITER_MEMORY
from search.embedded_schema import as_document, register, schema
from search.record import Value, live

LISTINGS, MORE = 20_000, 60_000
CHARACTERS = 1_300
WANTED = 1_500
TABLES = ("listings", "revisions", "timeline_events", "published")
DOCUMENTS_AT_ONCE = Indexing().batch
LOOK = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock and of the processor, and the most memory held, in MB."""

    wall: float
    cpu: float
    memory: int = 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        small, large = (written(place / f"{count}.jsonl", count) for count in (LISTINGS, MORE))
        whole = imported(small, place / "small")
        tell("import, file to searchable", whole, LISTINGS)
        again = imported(small, place / "small")
        tell("the same file again", again, LISTINGS)
        rows, documents = floor(place / "small", place / "floor")
        tell("floor: plain INSERTs", rows, LISTINGS)
        tell("floor: bare Tantivy", documents, LISTINGS)
        print(f"CPU of the import to its floor: {whole.cpu / (rows.cpu + documents.cpu):.1f}")
        print(f"listings/s: {LISTINGS / whole.wall:.0f} (wanted on two free cores: {WANTED})")
        more = imported(large, place / "large")
        tell(f"import of {MORE}", more, MORE)
        print(f"memory: {whole.memory} MB for {LISTINGS}, {more.memory} MB for {MORE}")


def tell(what: str, cost: Cost, listings: int) -> None:
    each = 1_000 / listings
    print(
        f"{what:28} {cost.wall:6.1f} s  {cost.wall * each:6.3f} ms, CPU {cost.cpu * each:6.3f} ms a listing"
    )


def written(path: Path, count: int) -> Path:
    """A file of so many listings, Vietnamese and English by turns, of the words of the demonstration data."""
    chance = random.Random(count)
    words = {language: demo_words(language) for language in ("vi", "en")}
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            language = ("vi", "en")[number % 2]
            text = " ".join(chance.choices(words[language], k=CHARACTERS // 4))[:CHARACTERS]
            kind = "demand" if number % 3 == 0 else "offer"
            row = {
                "id": f"row-{number}",
                "kind": kind,
                "title": "",
                "text": text,
                "lang": language,
                "meta": {},
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def demo_words(language: str) -> list[str]:
    """All words of the demonstration listings in one language, as often as they stand there."""
    records = (json.loads(line) for path in DATA.glob("*.jsonl") for line in path.open(encoding="utf-8"))
    texts = (record["texts"].get(language, {}) for record in records)
    return [word for text in texts for said in text.values() for word in said.split()]


def imported(path: Path, folder: Path) -> Cost:
    command = (
        sys.executable,
        "-m",
        "marketplace",
        "import",
        str(path),
        "--owner",
        "Bench",
        "--create-owner",
        "--publish",
    )
    environment = os.environ | {"DATA_DIR": str(folder)}
    silence = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    began = time.perf_counter()
    process = os.posix_spawn(
        sys.executable, (*command, "--report", os.devnull), environment, file_actions=silence
    )
    ended, status, memory = 0, 0, 0
    while not ended:
        time.sleep(LOOK)
        memory = max(memory, held(process))
        ended, status, usage = os.wait4(process, os.WNOHANG)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("the import failed")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, memory // 1024)


def held(process: int) -> int:
    """Memory in kB that a process and its children hold for themselves. Files that they map are not theirs."""
    try:
        place = Path(f"/proc/{process}")
        own = next(line for line in (place / "status").read_text().splitlines() if line.startswith("RssAnon"))
        children = (place / f"task/{process}/children").read_text().split()
    except (OSError, StopIteration):
        return 0  # It has ended by now.
    return int(own.split()[1]) + sum(held(int(child)) for child in children)


def floor(folder: Path, empty: Path) -> tuple[Cost, Cost]:
    """What writing the rows of the exchange in `folder` again costs, and indexing its documents."""
    empty.mkdir()
    inserts = measured(lambda: insert_again(folder / "giao.db", empty / "giao.db"))
    runtime = Runtime(Settings.from_environment({"DATA_DIR": str(folder)}))
    with look(runtime) as work:
        records = [live(indexing.document(row)) for row in feed.after(work, 0, LISTINGS)]
    runtime.close()
    return inserts, measured(lambda: index_again(records, empty / "index"))


def measured(act: Callable[[], None]) -> Cost:
    began, cpu = time.perf_counter(), time.process_time()
    act()
    return Cost(time.perf_counter() - began, time.process_time() - cpu)


def insert_again(full: Path, empty: Path) -> None:
    source, target = sqlite3.connect(full), sqlite3.connect(empty, isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=NORMAL")
    for table in TABLES:
        for (statement,) in source.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql <> ''", (table,)
        ):
            target.execute(statement)
    for batch in zip(*(batches(source, table) for table in TABLES), strict=True):
        target.execute("BEGIN IMMEDIATE")
        for table, rows in zip(TABLES, batch, strict=True):
            places = ",".join("?" * len(rows[0]))
            target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        target.execute("COMMIT")
    source.close()
    target.close()


def batches(source: sqlite3.Connection, table: str) -> Iterator[Sequence[Any]]:
    """The rows of a table by the transaction; every listing has two lines in its timeline."""
    size = ROWS_AT_ONCE * (2 if table == "timeline_events" else 1)
    rows = source.execute(f"SELECT * FROM {table}")
    while batch := rows.fetchmany(size):
        yield batch


def index_again(records: list[dict[str, Value]], folder: Path) -> None:
    folder.mkdir()
    fields = schema()
    index = tantivy.Index(fields, path=str(folder))
    register(index)
    writer = index.writer(WRITER_MEMORY, 1)
    left = iter(records)
    while batch := list(islice(left, DOCUMENTS_AT_ONCE)):
        for record in batch:
            writer.add_document(as_document(record, fields))
        writer.commit()


if __name__ == "__main__":
    main()
