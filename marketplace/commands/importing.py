"""`giao import`: a file of listings into the exchange."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import click

from marketplace.collecting import seldom
from marketplace.commands.codes import SOMETHING_WRONG
from marketplace.commands.indexing_beside import IndexingBeside, indexing_beside
from marketplace.commands.progress import progress
from marketplace.commands.report import Report
from marketplace.commands.saying import sentence
from marketplace.commands.setting_up import exchange_or_new
from marketplace.errors import Unavailable
from marketplace.languages import LANGUAGES
from marketplace.runtime import Runtime
from marketplace.services.importing import Tally, Wish, import_file
from marketplace.services.policy import SYSTEM
from search.engine import SearchError

SEARCHABLE = "Searchable now. `giao run` or `giao worker` finds their matches."
UNFOUND = "They are public, but cannot be found yet: `giao run` or `giao worker` sees to it when the engine answers."
STOPPED = "The database ended it ({why}) after {rows} rows; these stay. Run the same command again: it takes in the others."
THEIRS = "The running exchange indexes and matches the new listings."


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--owner", required=True,
              help="The organisation that owns the listings: its name, id or registration code.")  # fmt: skip
@click.option("--create-owner", is_flag=True, help="Make the organisation when there is none of that name.")
@click.option("--kind", type=click.Choice(["offer", "demand", "initiative"]),
              help="For rows that do not say their kind.")  # fmt: skip
@click.option("--publish", is_flag=True, help="Make the listings public at once, without review.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing but the report.")
@click.option("--report", "report_path", type=click.Path(dir_okay=False, path_type=Path),
              help="Where complaints go; by default <file name>.report.csv in this folder.")  # fmt: skip
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
              help="Language of the report.")  # fmt: skip
def import_(file: Path, report_path: Path | None, language: str, **wish: Any) -> None:
    """Take the listings of FILE in: .csv, .xlsx, .jsonl, or .csv.gz and .jsonl.gz.

    A row is known by the owner and its own id, so the same file twice writes nothing the second time, and an import
    that was stopped is finished by running it again. Rows that cannot be read go into the report; the others go in.

    Exit code 0: all rows went in. 1: some were left out, and the report says why; or the search engine was away.
    """
    if not file.is_file():
        raise click.UsageError(f"{file} is no file but a pipe or a device: write it to a file first.")
    report = Report(report_path or Path(f"{file.name}.report.csv"), language)
    wished = Wish(**wish)
    published = wished.publish and not wished.dry_run
    with (
        seldom(),
        indexing_beside() if published else nullcontext() as beside,
        exchange_or_new() as runtime,
        closing(report),
    ):
        tally = _read(runtime, file, wished, report, beside)
        away = _finish(beside, tally, runtime) if beside is not None and tally.changed else ""
    _summarise(tally, report, dry_run=wished.dry_run)
    if away:
        click.echo(f"{UNFOUND} {away}", err=True)
    if tally.counts["refused"] or tally.broken or away:
        raise click.exceptions.Exit(SOMETHING_WRONG)


def _finish(beside: IndexingBeside, tally: Tally, runtime: Runtime) -> str:
    """Make searchable what went in. It stays in when the engine is away: then what is said of that."""
    try:
        ours = beside.finish(tally.rows, runtime)
    except SearchError as error:
        return str(error)
    except Unavailable as away:
        return away.why
    click.echo(SEARCHABLE if ours else THEIRS)
    return ""


def _read(runtime: Runtime, file: Path, wish: Wish, report: Report, beside: IndexingBeside | None) -> Tally:
    size, kept = file.stat().st_size, 0
    with progress(f"Reading {file.name}", size) as show:

        def watch(tally: Tally) -> None:
            nonlocal kept
            kept = tally.rows
            show(tally.position, f"{tally.rows} rows, {report.refusals} problems")
            if beside is not None and tally.changed:
                beside.tell(tally.rows, tally.position / size)

        try:
            return import_file(runtime, SYSTEM, file, wish, complain=report.add, report=watch)
        except Unavailable as away:
            click.echo(STOPPED.format(why=away.why, rows=0 if wish.dry_run else kept), err=True)
            raise click.exceptions.Exit(SOMETHING_WRONG) from away


def _summarise(tally: Tally, report: Report, *, dry_run: bool) -> None:
    counts = tally.counts
    parts = ", ".join(f"{counts[name]} {name}" for name in ("created", "revised", "unchanged", "refused"))
    click.echo(f"{'Would be: ' if dry_run else ''}{parts}.")
    if report.refusals or report.warnings:
        shown = click.format_filename(report.path)
        click.echo(f"{report.refusals} problems and {report.warnings} changes are listed in {shown}.")
    if tally.broken is not None:
        click.echo(sentence(f"problem.{tally.broken.code}", tally.broken.params), err=True)
