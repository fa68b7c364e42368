"""`giao evaluate`: how good search and matching are on a judged set."""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from marketplace import schema
from marketplace.commands.progress import progress
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import embeddings, evaluation, feed, judged_sets, profiles, statistics
from marketplace.services.evaluation import Figures, Plan
from marketplace.settings import SealedKey, Settings
from marketplace.work import begin

AT_ONCE = 200
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--docs", required=True, multiple=True, type=FILE, help="Documents; may be given several times."
)
@click.option("--queries", required=True, type=FILE)
@click.option(
    "--qrels", required=True, type=FILE, help="Judgements: query_id, doc_id, relevance, tab-separated."
)
@click.option("--task", type=click.Choice(["search", "match", "like"]), required=True)
@click.option("--fields", type=click.Choice(["title", "text", "full"]), default="full", show_default=True,
              help="What of each query is asked.")  # fmt: skip
@click.option("--without-marks", is_flag=True, help="Take Vietnamese marks off the queries.")
@click.option(
    "--terms", type=FILE, help="A term table beside the built-in one, as `giao terms learn` writes it."
)
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with a sentence model in ONNX form; takes part in match and like.",
)
@click.option("--search-url", default="", envvar="SEARCH_URL",
              help="Measure on this Elasticsearch, in an index of its own, instead of the embedded engine.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def evaluate(
    docs: tuple[Path, ...],
    queries: Path,
    qrels: Path,
    terms: Path | None,
    model: Path | None,
    search_url: str,
    as_json: bool,
    **plan: Any,
) -> None:
    """Load DOCS into an exchange of their own and ask every judged query as the web would."""
    planned = Plan(**plan)
    if model and planned.task == "search":
        raise click.UsageError("--model takes no part in search; give it with --task match or like.")
    judged = judged_sets.judgements(qrels)
    with own_exchange(search_url, terms=terms, model=model) as runtime:
        loaded(runtime, docs)
        if planned.task != "search":
            compiled(runtime)
        figures = _ask(runtime, planned, queries, judged)
        record = evaluation.described(planned, figures, runtime.engine.name)
    if not figures.queries:
        raise click.ClickException(f"No query of {queries.name} has a judgement in {qrels.name}.")
    click.echo(json.dumps(record) if as_json else _told(record))


@contextmanager
def own_exchange(search_url: str, *, terms: Path | None, model: Path | None = None) -> Iterator[Runtime]:
    """An exchange in a folder that goes with it, whatever the settings of this one say."""
    with tempfile.TemporaryDirectory(prefix="giao-evaluate-") as folder, _quiet():
        settings = replace(_settings(Path(folder), search_url), terms_file=_named(terms))
        runtime = Runtime(replace(settings, model_folder=_named(model)))
        with closing(runtime):
            if refused := runtime.model_refused:
                raise click.ClickException(refused)
            try:
                yield runtime
            finally:
                runtime.engine.drop()


def _named(path: Path | None) -> str:
    return str(path.resolve()) if path else ""


@contextmanager
def _quiet() -> Iterator[None]:
    """What an exchange that is gone in a minute has to tell interests nobody, short of errors."""
    log = logging.getLogger("giao")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _own_index(folder: Path, search_url: str) -> str:
    """Of the server that is named, or in the folder. Nobody else's is touched, whatever prefix the URL has: in the end all
    that was written goes."""
    parts = urlsplit(search_url)
    if parts.scheme not in ("http", "https"):
        return f"tantivy:{folder}/index"
    prefix = f"{parts.path.strip('/') or 'giao'}_evaluate_{secrets.token_hex(6)}"
    return parts._replace(path=f"/{prefix}").geturl()


def _settings(folder: Path, search_url: str) -> Settings:
    return Settings(
        data_dir=folder, database_url=f"sqlite:///{folder}/giao.db",
        search_url=_own_index(folder, search_url), queue_url="database:", mail_url="console:", mail_from="",
        base_url="http://127.0.0.1:8000", node_id="evaluate", role="local", exchange_name="", sync_key_file="",
        secret_keys=(b"-" * 32,), sealed_keys=(SealedKey("-", b"-" * 32),),
    )  # fmt: skip


def loaded(runtime: Runtime, docs: Sequence[Path]) -> None:
    """Publish these documents, index them and count their words."""
    schema.make(runtime.database)
    with begin(runtime) as work:
        feed.begin_first_epoch(work)
    with progress("Loading", len(docs)) as show:
        left_out = 0
        for number, path in enumerate(docs, start=1):
            left_out += judged_sets.load(runtime, path)
            show(number, "")
    if left_out:
        click.echo(f"{left_out} documents could not be read and were left out.", err=True)
    catch_up(runtime)
    with begin(runtime) as work:
        statistics.store(work, statistics.collected(work))
    if runtime.sentence_model:
        _encode(runtime)


def compiled(runtime: Runtime) -> None:
    """Keep what matching reads of each document, as an exchange does that has matched them before: else each query would
    build its hundred candidates anew."""
    position = 0
    with begin(runtime) as work:
        snapshot = statistics.current(work)
        while rows := feed.after(work, position, AT_ONCE):
            position = rows[-1].sequence
            profiles.keep(work, profiles.ready(work, [row.uid for row in rows], snapshot, {})[1])


def _encode(runtime: Runtime) -> None:
    """What the sentence model makes of all documents, before anything is asked."""
    position = done = 0
    with begin(runtime) as work, progress("Encoding", feed.state(work).head) as show:
        while rows := feed.after(work, position, AT_ONCE):
            position, done = rows[-1].sequence, done + len(rows)
            embeddings.keep(work, embeddings.place(work, rows, position))
            show(done, "")


def _ask(runtime: Runtime, plan: Plan, queries: Path, judged: Mapping[str, set[str]]) -> Figures:
    left_out: list[int] = []
    with progress(f"Asking ({plan.task})", len(judged)) as show:
        asked = judged_sets.queries(queries, judged, left_out.append)
        figures = evaluation.measure(runtime, plan, asked, judged, lambda done: show(done, ""))
    if left_out:
        rows = f"{len(left_out)} rows of {queries.name}, the first of them row {left_out[0]},"
        click.echo(f"{rows} could not be read as a query or came again, and were left out.", err=True)
    if figures.queries and (missing := len(judged) - figures.queries):
        click.echo(f"{missing} judged queries are not in {queries.name}.", err=True)
    return figures


def _told(record: Mapping[str, Any]) -> str:
    lines = {name: f"{value:.4f}" if isinstance(value, float) else value for name, value in record.items()}
    return "\n".join(f"{name:20} {value}" for name, value in lines.items())
