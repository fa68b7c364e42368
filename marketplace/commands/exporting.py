"""`giao export`: all that is public, as a file."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any

import click

from marketplace.commands.opening import exchange
from marketplace.files.writing import write_csv
from marketplace.files.writing_workbooks import write_workbook
from marketplace.services import exporting
from marketplace.work import look

Records = Iterable[Mapping[str, Any]]


@click.command()
@click.option("--kind", type=click.Choice(["offer", "demand", "initiative"]))
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv", "xlsx"]), default="jsonl", show_default=True
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; by default stdout.")
def export(kind: str | None, form: str, output: Path | None) -> None:
    """Write all published listings: what is public of them, and nothing else. `giao import` reads them back."""
    to = _whole(output) if output else nullcontext(sys.stdout.buffer)
    with exchange() as runtime, look(runtime) as work, to as target:
        FORMS[form](target, exporting.public_records(work, kind))


@contextmanager
def _whole(output: Path) -> Iterator[IO[bytes]]:
    """Takes the place of the file that was there when all is written, and of none before."""
    if output.exists() and not output.is_file():
        # A device or a pipe, such as /dev/stdout, is meant to be written to.
        with output.open("wb") as target:
            yield target
        return
    place = output.resolve()
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with beside.open("wb") as target:
            yield target
        if place.exists():
            beside.chmod(place.stat().st_mode)
        beside.replace(place)
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _json_lines(target: IO[bytes], records: Records) -> None:
    for record in records:
        target.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def _csv(target: IO[bytes], records: Records) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    write_csv(text, exporting.COLUMNS, map(exporting.flat, records))
    text.flush()
    text.detach()


def _workbook(target: IO[bytes], records: Records) -> None:
    write_workbook(target, exporting.COLUMNS, map(exporting.flat, records))


FORMS = {"jsonl": _json_lines, "csv": _csv, "xlsx": _workbook}
