"""`giao evaluate`: how good search and matching are on a judged set."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import cast

import click

from marketplace import schema
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import evaluation, feed, importing, statistics
from marketplace.services.bulk import Item, post_many
from marketplace.services.evaluation import Fields, Figures, Plan, Task
from marketplace.services.policy import SYSTEM
from marketplace.settings import SealedKey, Settings
from marketplace.work import begin

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--docs", required=True, multiple=True, type=FILE, help="Documents, one or more files.")
@click.option("--queries", required=True, type=FILE)
@click.option("--qrels", required=True, type=FILE, help="Judgements: query_id, doc_id, relevance, tab-separated.")
@click.option("--task", type=click.Choice(["search", "match", "like"]), required=True)
@click.option("--fields", type=click.Choice(["title", "text", "full"]), default="full", show_default=True)
@click.option("--without-marks", is_flag=True, help="Take Vietnamese marks off the queries.")
@click.option("--search-url", default="", help="Measure on this engine instead of the embedded one.")
@click.option("--json", "as_json", is_flag=True)
def evaluate(
    docs: tuple[Path, ...], queries: Path, qrels: Path, task: str, fields: str, without_marks: bool, search_url: str, as_json: bool
) -> None:
    """Load DOCS into an exchange of their own and ask every judged query as the web would."""
    logging.getLogger("giao").setLevel(logging.ERROR)
    plan = Plan(cast(Task, task), cast(Fields, fields), without_marks)
    judged = evaluation.read_judgements(qrels)
    with tempfile.TemporaryDirectory(prefix="giao-evaluate-") as folder:
        runtime = Runtime(_settings(Path(folder), search_url))
        try:
            _load(runtime, docs)
            figures = _ask(runtime, plan, queries, judged)
            engine = runtime.engine.name
        finally:
            runtime.close()
    record = evaluation.described(plan, figures, engine)
    click.echo(json.dumps(record) if as_json else "\n".join(f"{name:20} {value}" for name, value in record.items()))


def _settings(folder: Path, search_url: str) -> Settings:
    return Settings(
        data_dir=folder, database_url=f"sqlite:///{folder}/giao.db", search_url=search_url or f"tantivy:{folder}/index",
        queue_url="database:", mail_url="console:", mail_from="", base_url="http://127.0.0.1:8000", node_id="evaluate",
        role="local", exchange_name="", sync_key_file="", secret_keys=(b"-" * 32,), sealed_keys=(SealedKey("-", b"-" * 32),),
    )  # fmt: skip


def _load(runtime: Runtime, docs: tuple[Path, ...]) -> None:
    schema.upgrade(runtime.database)
    with begin(runtime) as work:
        feed.begin_first_epoch(work)
        owner = importing.create_owner(work, "Evaluation").id
    for path in docs:
        rows = (row for row in evaluation.rows_of(path, "offer") if row.content is not None)
        while batch := [Item(row.source_id, row.source_hash, row.content) for row in islice(rows, importing.ROWS_AT_ONCE)]:
            with begin(runtime) as work:
                post_many(work, SYSTEM, owner, batch, publish=True)
    catch_up(runtime)
    with begin(runtime) as work:
        statistics.store(work, statistics.collected(work))


def _ask(runtime: Runtime, plan: Plan, queries: Path, judged: Mapping[str, set[str]]) -> Figures:
    with click.progressbar(length=len(judged), label=f"Asking ({plan.task})", file=sys.stderr) as bar:
        return evaluation.measure(runtime, plan, evaluation.read_queries(queries, judged), judged, lambda _: bar.update(1))


