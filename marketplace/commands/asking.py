"""`giao search`, `giao match` and `giao export`: what is public, from a terminal."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from marketplace.commands.opening import exchange, sentence
from marketplace.files.writing import write_csv
from marketplace.services import catalogue, exporting, matches, matchmaking
from marketplace.services.catalogue import Finding
from marketplace.work import look
from matching.model import MODEL_VERSION
from matching.result import Score
from search.query import FACETS, Query

KINDS = click.Choice(["offer", "demand", "initiative"])


def _print(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.command()
@click.argument("text")
@click.option("--kind", type=KINDS)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, with facets.")
def search(text: str, kind: str | None, limit: int, as_json: bool) -> None:
    """Find published listings. TEXT may be typed with or without marks."""
    facets = FACETS if as_json else ()
    with exchange() as runtime, look(runtime) as work:
        page = catalogue.search(work, Query(text=text, kinds=(kind,) if kind else (), size=limit, facets=facets, now=work.now))
    if as_json:
        items = [_item(one) for one in page.findings]
        facets_found = {name: dict(counts) for name, counts in page.results.facets.items()}
        _print({"total": page.results.total, "items": items, "facets": facets_found, "corrected": page.results.corrected})
        return
    click.echo(f"{page.results.total} found")
    for one in page.findings:
        click.echo(f"{one.score:8.2f}  {one.listing.uid}  {one.listing.content.title}")


def _item(one: Finding) -> dict[str, Any]:
    listing = one.listing
    return {
        "uid": listing.uid,
        "kind": listing.kind,
        "title": listing.content.title,
        "score": round(one.score, 4),
        "language": listing.content.language,
        "organisation": listing.organisation.get("name"),
        "province": listing.content.province,
    }


@click.command()
@click.argument("uid")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, with every signal.")
def match(uid: str, limit: int, as_json: bool) -> None:
    """The matches of a published listing, best first, each with its reasons."""
    with exchange() as runtime, look(runtime) as work:
        subject = catalogue.listing(work, uid)
        if not matchmaking.matched(subject.kind):
            raise click.ClickException("Only offers and demands are matched.")
        found = matchmaking.find(work, uid)
        scores = [matches.explained(work, score.demand, score.offer) for score in found.scores[:limit]]
        other = "offer" if subject.kind == "demand" else "demand"
        titles = {one: public.content.title for one, public in _titles(work, scores, other).items()}
    if as_json:
        _print({"items": [_scored(score, other) for score in scores], "model_version": MODEL_VERSION})
        return
    for score in scores:
        partner = getattr(score, other)
        click.echo(f"{score.total / 1000:7.3f}  {partner}  {titles.get(partner, '')}")
        for signal in score.signals:
            click.echo(f"         {signal.points / 1000:7.3f} of {signal.of / 1000:7.3f}  {signal.name} ({signal.state})")


def _titles(work: Any, scores: list[Score], other: str) -> dict[str, Any]:
    return catalogue.published(work, [getattr(score, other) for score in scores])


def _scored(score: Score, other: str) -> dict[str, Any]:
    return {
        "uid": getattr(score, other),
        "score": score.total / 1000,
        "certainty": score.certainty / 1000,
        "signals": [
            {"name": one.name, "points": one.points / 1000, "of": one.of / 1000, "state": one.state,
             "demand": sentence(one.demand.code, one.demand.params), "offer": sentence(one.offer.code, one.offer.params)}
            for one in score.signals
        ],
        "gates": [{"name": gate.name, "passed": gate.passed} for gate in score.gates],
        "would_lift": [
            {"side": lift.side, "change": sentence(lift.change.code, lift.change.params), "gain": lift.gain / 1000,
             "crosses_bar": lift.crosses_bar}
            for lift in score.lifts
        ],
    }  # fmt: skip


@click.command()
@click.option("--kind", type=KINDS)
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), help="A file; by default the terminal.")
def export(kind: str | None, form: str, output: str | None) -> None:
    """Write all published listings: what is public of them, and nothing else."""
    with exchange() as runtime, look(runtime) as work:
        records = exporting.public_records(work, kind)
        with open(output, "w", encoding="utf-8", newline="") if output else sys.stdout as target:
            if form == "csv":
                write_csv(target, exporting.COLUMNS, (exporting.flat(record) for record in records))
            else:
                for record in records:
                    target.write(json.dumps(record, ensure_ascii=False) + "\n")
