"""`giao import`: a file of listings into the exchange."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, cast

import click

from marketplace.commands.opening import exchange, sentence
from marketplace.files.reading import UnreadableFile
from marketplace.files.writing import harmless
from marketplace.followers import catch_up
from marketplace.runtime import Runtime
from marketplace.services import importing
from marketplace.services.importing import Complaint, Tally, Wish
from marketplace.services.policy import SYSTEM
from marketplace.work import begin
from vocabulary.listing import Kind

COLUMNS = ("row", "id", "column", "value", "rule", "fix")
SOMETHING_LEFT_OUT = 1


class Report:
    """The file of complaints, made when the first one comes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refusals = self.warnings = 0
        self._file: Any = None
        self._rows: Any = None

    def add(self, complaint: Complaint) -> None:
        problem = complaint.problem
        self.warnings += problem.warning
        self.refusals += not problem.warning
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            self._rows = csv.writer(self._file)
            self._rows.writerow(COLUMNS)
        value = problem.params.get("value", "")
        cells = (complaint.source_id, problem.path, value, problem.code, sentence(f"problem.{problem.code}", problem.params))
        self._rows.writerow([complaint.row, *map(harmless, cells)])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--owner", required=True, help="The organisation that owns the listings: its name, id or registration code.")
@click.option("--create-owner", is_flag=True, help="Make the organisation when there is none of that name.")
@click.option("--kind", type=click.Choice(["offer", "demand", "initiative"]), help="For rows that do not say their kind.")
@click.option("--publish", is_flag=True, help="Make the listings public at once, without review.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, write nothing.")
@click.option("--report", "report_path", type=click.Path(dir_okay=False, path_type=Path),
              help="Where complaints go; by default beside the file's name in this folder.")  # fmt: skip
def import_(
    file: Path, owner: str, create_owner: bool, kind: str | None, publish: bool, dry_run: bool, report_path: Path | None
) -> None:
    """Take the listings of FILE in: .csv, .xlsx, .jsonl, or .csv.gz and .jsonl.gz.

    A row is known by the owner and its own id, so the same file twice writes nothing the second time, and an import
    that was stopped is finished by running it again. Rows that cannot be read go into the report; the others go in.
    """
    report = Report(report_path or Path(f"{file.name}.report.csv"))
    with exchange() as runtime:
        with begin(runtime) as work:
            find = importing.create_owner if create_owner else importing.find_owner
            organisation_id = find(work, owner).id
        wish = Wish(organisation_id, cast(Kind | None, kind), publish, dry_run)
        tally = _import(runtime, file, wish, report)
        if tally.counts["created"] + tally.counts["revised"] and publish and not dry_run:
            _index(runtime)
    _summarise(tally, report, dry_run=dry_run)


def _import(runtime: Runtime, file: Path, wish: Wish, report: Report) -> Tally:
    with click.progressbar(length=file.stat().st_size, label=f"Reading {file.name}", item_show_func=str) as bar:
        done = 0

        def show(tally: Tally) -> None:
            nonlocal done
            bar.update(tally.position - done, f"{tally.rows} rows")  # type: ignore[arg-type]  # shown by str
            done = tally.position

        try:
            return importing.import_file(runtime, SYSTEM, file, wish, complain=report.add, report=show)
        except UnreadableFile as error:
            raise click.ClickException(sentence(f"problem.{error.problem.code}", error.problem.params)) from None
        finally:
            report.close()


def _index(runtime: Runtime) -> None:
    """Make the new listings searchable now, unless another process keeps the index: it will do so itself."""
    with click.progressbar(length=1, label="Indexing") as bar:
        ours = catch_up(runtime)
        bar.update(1)
    if not ours:
        click.echo("The running exchange indexes and matches the new listings.")
    else:
        click.echo("Searchable now. `giao run` or `giao worker` finds their matches.")


def _summarise(tally: Tally, report: Report, *, dry_run: bool) -> None:
    counts = tally.counts
    parts = ", ".join(f"{counts[name]} {name}" for name in ("created", "revised", "unchanged", "refused"))
    click.echo(f"{'Would be: ' if dry_run else ''}{parts}.")
    if report.refusals or report.warnings:
        click.echo(f"{report.refusals} problems and {report.warnings} changes are listed in {report.path}.")
    if counts["refused"]:
        raise click.exceptions.Exit(SOMETHING_LEFT_OUT)
