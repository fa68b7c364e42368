"""`giao rates`: what currencies are worth in đồng, from a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from marketplace import formats
from marketplace.commands.codes import SOMETHING_WRONG
from marketplace.commands.opening import exchange
from marketplace.commands.saying import sentence
from marketplace.services import quotes
from marketplace.services import rates as entered
from marketplace.services.policy import SYSTEM
from marketplace.services.rates import Entered
from marketplace.work import begin, look

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rates() -> None:
    """What currencies are worth in đồng, so that a budget and a price in two of them can be compared."""


@rates.command("list")
@click.option("--all", "every", is_flag=True, help="Also what no longer counts.")
def list_(every: bool) -> None:
    """The rate that counts for each currency."""
    with exchange() as runtime, look(runtime) as work:
        page = entered.page(work, SYSTEM)
        shown = list(page.in_force)
        if every:
            shown = [one for n in range(page.pages) for one in entered.page(work, SYSTEM, number=n + 1).items]
    for one in shown:
        click.echo(_line(one))
    if not shown:
        click.echo("No rate is known: prices in two currencies are not compared.")


@rates.command("set")
@click.argument("currency")
@click.argument("rate")
@click.option("--source", required=True, help="Who says so, for example a bank.")
@click.option("--day", default="", help="The day it holds for; by default today.")
@click.option("--units", default="1", show_default=True, help="For how many units: 1, 100 or 1000.")
def set_(currency: str, rate: str, source: str, day: str, units: str) -> None:
    """CURRENCY is worth RATE đồng, a whole number."""
    with exchange() as runtime, begin(runtime) as work:
        day = day or entered.today(work).isoformat()
        said = {"currency": currency, "rate": rate, "day": day, "source": source, "units": units}
        kept = quotes.enter(work, SYSTEM, said)
    click.echo(f"{formats.exchange_rate(kept, 'en')}, {kept.day.isoformat()}")


@rates.command("import")
@click.argument("file", type=FILE)
def import_(file: Path) -> None:
    """Enter the rows of FILE, CSV with the columns currency, rate, day, source and, if needed, units.

    A row that is wrong is named and left out.
    """
    with exchange() as runtime, begin(runtime) as work:
        taken = quotes.take(work, SYSTEM, file.read_bytes())
    for number, problems in taken.wrong.items():
        for one in problems:
            place = f"{one.path}: " if one.path else ""
            click.echo(f"row {number}: {place}{sentence(f'problem.{one.code}', one.params)}", err=True)
    click.echo(f"{taken.entered} rates entered, {len(taken.wrong)} rows left out")
    if taken.wrong:
        raise click.exceptions.Exit(SOMETHING_WRONG)


def _line(one: Entered) -> str:
    rate = one.quoted.rate
    counts = "" if one.in_force else "  (no longer counts)"
    return f"{rate.day.isoformat()}  {formats.exchange_rate(rate, 'en')}  {one.quoted.source}{counts}"
