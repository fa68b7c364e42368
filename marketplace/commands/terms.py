"""`giao terms`: term tables of two languages, learned from parallel texts and checked before they are used."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from marketplace.commands.evaluating import FILE, compiled, loaded, own_exchange
from marketplace.commands.progress import Show, progress
from marketplace.commands.saying import sentence
from marketplace.errors import Invalid
from marketplace.runtime import Runtime
from marketplace.services import evaluation, parallel_texts
from marketplace.services.evaluation import Plan
from marketplace.services.judged_sets import Asked
from marketplace.services.parallel_texts import Document, Parallel
from matching.aligning import learned
from matching.metrics import mean
from vocabulary import term_files
from vocabulary.bilingual import TermTable
from vocabulary.listing import Content, Text
from vocabulary.problems import Problem

Way = tuple[str, str]
SHOWN = 20
"""Bad rows that are told; of more the rest is mostly of the same kind."""


@click.group()
def terms() -> None:
    """Term tables: what a term of one language is called in another."""


@terms.command()
@click.option("--docs", required=True, multiple=True, type=FILE, help="Texts of one language; given twice.")
@click.option(
    "--qrels",
    required=True,
    type=FILE,
    help="Which text is a translation of which: query_id, doc_id, relevance.",
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The table, as CSV."
)
@click.option(
    "--folds",
    type=click.IntRange(2, 20),
    help="Also measure: each part with a table learned from the others.",
)
def learn(docs: tuple[Path, ...], qrels: Path, out: Path, folds: int | None) -> None:
    """Learn a term table from texts and their translations."""
    if len(docs) != 2:
        raise click.UsageError("Give --docs twice: the texts of one language, then those of the other.")
    texts = parallel_texts.read(docs[0], docs[1], qrels)
    languages = parallel_texts.languages(texts)
    table = _learned(texts, languages)
    if not table:
        raise Invalid([Problem("", "terms.nothing_learned", {"count": str(len(texts))})])
    try:
        out.write_text(
            term_files.written(table, f"Learned from {len(texts)} texts of {qrels.name}."), encoding="utf-8"
        )
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(table.entries)} entries from {len(texts)} texts: {out} (version {table.version})")
    if folds is not None:
        for way, figure in _measured(texts, languages, docs, folds):
            click.echo(f"{way[0]} -> {way[1]}: nDCG@10 {figure:.4f} ({folds} folds, task match)")


@terms.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say whether FILE can be used as a term table, and what is wrong in which row."""
    try:
        table = term_files.read(file.read_bytes())
    except term_files.BadTable as bad:
        for flaw in bad.flaws[:SHOWN]:
            click.echo(f"row {flaw.row}: {sentence(f'problem.{flaw.code}', flaw.params)}", err=True)
        raise click.ClickException(f"{len(bad.flaws)} rows of {file.name} cannot be used.") from None
    if not table:
        raise click.ClickException(f"{file.name} names two languages and holds no terms.")
    click.echo(f"{len(table.entries)} entries, version {table.version}")


def _learned(texts: Sequence[Parallel], languages: Way) -> TermTable:
    return learned(((each.one.text, each.other.text) for each in texts), languages)


def _measured(
    texts: Sequence[Parallel], languages: Way, docs: tuple[Path, ...], folds: int
) -> Iterator[tuple[Way, float]]:
    """nDCG@10 both ways, every text asked with a table that was learned without it."""
    with tempfile.TemporaryDirectory(prefix="giao-terms-") as folder:
        tables = []
        with progress("Learning", folds) as show:
            for fold in range(folds):
                others = [each for n, each in enumerate(texts) if n % folds != fold]
                tables.append(Path(folder) / f"{fold}.csv")
                tables[-1].write_text(term_files.written(_learned(others, languages)), encoding="utf-8")
                show(fold + 1, "")
        there = [(each.one, each.other) for each in texts]
        back = [(each.other, each.one) for each in texts]
        yield languages, _one_way(there, docs[1], tables)
        yield (languages[1], languages[0]), _one_way(back, docs[0], tables)


def _one_way(asked: Sequence[tuple[Document, Document]], docs: Path, tables: Sequence[Path]) -> float:
    with own_exchange("", terms=None) as runtime, progress("Asking", len(asked)) as show:
        loaded(runtime, [docs])
        compiled(runtime)
        return mean([
            figure for fold, table in enumerate(tables)
            for figure in _fold(runtime, asked[fold::len(tables)], table, show)
        ])  # fmt: skip


def _fold(
    runtime: Runtime, asked: Sequence[tuple[Document, Document]], table: Path, show: Show
) -> list[float]:
    """The figure of this part of the texts, once for each of them, so that the mean over all is that of the texts."""
    with closing(Runtime(replace(runtime.settings, terms_file=str(table)))) as one_fold:
        queries = [_asked(one) for one, _ in asked]
        judged = {one.id: {other.id} for one, other in asked}
        figures = evaluation.measure(one_fold, Plan("match"), queries, judged, lambda done: show(done, ""))
    return [figures.ndcg_at_10] * figures.queries


def _asked(document: Document) -> Asked:
    return Asked(
        document.id,
        Content("demand", document.language, {document.language: Text(description=document.text)}),
    )
