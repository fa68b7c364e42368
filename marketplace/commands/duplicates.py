"""`giao duplicates`: listings that may be one technology, from a terminal; with --json for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import click

from marketplace.commands.opening import exchange
from marketplace.commands.saying import sentence
from marketplace.services.clusters import reviewing
from marketplace.services.clusters.reviewing import DECISIONS, FILTERS, Case, Decision, Filter, Line
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import decisions
from marketplace.services.sync.decisions import ANSWERS, Suggestion
from marketplace.work import begin, look

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
NOTE = click.option("--note", default="", help="Why, for those who read it later.")


@click.group()
def duplicates() -> None:
    """Listings of different exchanges that may be one technology: see them, decide, answer."""


@duplicates.command("list")
@click.option(
    "--show", "which", type=click.Choice(FILTERS), default="waiting", show_default=True,
    help="On the national exchange: which pairs.",
)  # fmt: skip
@click.option("--page", default=1, show_default=True)
@AS_JSON
def list_(which: Filter, page: int, as_json: bool) -> None:
    """Pairs of the national exchange; on a local one what that one suggests."""
    with exchange() as runtime, look(runtime) as work:
        if runtime.settings.role == "national":
            found = reviewing.queue(work, SYSTEM, which=which, page=page)
            record = {"counts": found.counts, "page": found.page, "pages": found.pages,
                      "pairs": [_record(line) for line in found.lines]}  # fmt: skip
            told = [
                ", ".join(f"{count} {name}" for name, count in found.counts.items()),
                *map(_line, found.lines),
            ]
        else:
            suggestions = decisions.waiting(work, SYSTEM)
            record = {"suggestions": [asdict(one) for one in suggestions]}
            told = [_suggested(one) for one in suggestions] or ["Nothing was suggested."]
    _tell(as_json, record, told)


@duplicates.command()
@click.argument("pair")
@AS_JSON
def show(pair: str, as_json: bool) -> None:
    """The two listings of PAIR, why they may be one, what their homes say, and everything that was decided."""
    with exchange() as runtime, look(runtime) as work:
        case = reviewing.case(work, SYSTEM, pair)
    answers = {home: asdict(said) for home, said in case.answers.items()}
    record = {**_record(case.line), "answers": answers, "history": [asdict(one) for one in case.history],
              "decisions": case.decisions}  # fmt: skip
    _tell(as_json, record, _told(case))


@duplicates.command()
@click.argument("pair")
@click.argument("decision", type=click.Choice(DECISIONS))
@NOTE
@AS_JSON
def decide(pair: str, decision: Decision, note: str, as_json: bool) -> None:
    """On the national exchange: link or part the two of PAIR, or undo what was decided."""
    with exchange() as runtime, begin(runtime) as work:
        reviewing.decide(work, SYSTEM, pair, decision, note)
        line = reviewing.case(work, SYSTEM, pair).line
    _tell(as_json, _record(line), [_line(line)])


@duplicates.command()
@click.argument("suggestion")
@click.argument("said", type=click.Choice(ANSWERS), metavar="[accept|reject|contest]")
@NOTE
@AS_JSON
def answer(suggestion: str, said: str, note: str, as_json: bool) -> None:
    """On a local exchange: answer a SUGGESTION of the national one."""
    with exchange() as runtime, begin(runtime) as work:
        decisions.answer(work, SYSTEM, suggestion, said, note)
        given = decisions.one(work, SYSTEM, suggestion)
    _tell(as_json, asdict(given), [_suggested(given)])


def _record(line: Line) -> dict[str, Any]:
    sides = [{"uid": side.uid, "home": side.home, "title": side.title} for side in line.sides]
    return {**{name: getattr(line, name) for name in Line.__slots__ if name != "sides"}, "sides": sides}


def _line(line: Line) -> str:
    titles = " | ".join(f"{side.home}: {side.title or side.uid}" for side in line.sides)
    by = f" ({line.by})" if line.by else ""
    return f"{line.id}  {line.state}{by}  {line.score / 10:.0f}/100 {_names(line.reasons)}  {titles}"


def _suggested(one: Suggestion) -> str:
    said = one.answer or (f"answer before {one.until:%Y-%m-%d}" if one.waits else "not answered")
    return f"{one.uid}  {one.state}  {said}  {one.title} | {one.other['home']}: {one.other['title']}"


def _names(reasons: Iterable[Mapping[str, Any]]) -> str:
    return "+".join(str(one["name"]) for one in reasons)


def _told(case: Case) -> list[str]:
    answers = [f"  {home}: {said.answer} ({said.by}) {said.note}" for home, said in case.answers.items()]
    history = [
        f"  {one.n}. {sentence(f'cluster.op_{one.op}', {})} by {one.actor}, {one.at:%Y-%m-%d %H:%M} {one.note}".rstrip()
        for one in case.history
    ]
    return [_line(case.line), *answers, *history, f"  open to: {', '.join(case.decisions) or 'nothing'}"]


def _tell(as_json: bool, record: Mapping[str, Any], told: Iterable[str]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False, default=str) if as_json else "\n".join(told))
