"""`giao search` and `giao match`: what the pages show, from a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from marketplace.commands.opening import exchange
from marketplace.commands.saying import sentence
from marketplace.services import catalogue, matches, matchmaking
from marketplace.services.catalogue import Finding, Public
from marketplace.work import look
from matching.model import MODEL_VERSION
from matching.result import Lift, Said, Score, Signal
from search.query import FACETS, Query

KINDS = click.Choice(["offer", "demand", "initiative"])
LIMIT = click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
JSON = click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")


def _print(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.command()
@click.argument("text")
@click.option("--kind", type=KINDS)
@LIMIT
@JSON
def search(text: str, kind: str | None, limit: int, as_json: bool) -> None:
    """Find published listings. TEXT may be typed with or without marks."""
    with exchange() as runtime, look(runtime) as work:
        facets = FACETS if as_json else ()
        query = Query(text=text, kinds=(kind,) if kind else (), size=limit, facets=facets, now=work.now)
        page = catalogue.search(work, query)
    if page.results.corrected:
        click.echo(f"Nothing was found for that; this was searched: {page.results.corrected}", err=True)
    if as_json:
        counts = {name: dict(found) for name, found in page.results.facets.items()}
        _print({"total": page.results.total, "items": list(map(_item, page.findings)), "facets": counts})
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
@LIMIT
@JSON
def match(uid: str, limit: int, as_json: bool) -> None:
    """The matches of a published listing, best first, each with its reasons."""
    with exchange() as runtime, look(runtime) as work:
        kind = catalogue.listing(work, uid).kind
        if not matchmaking.matched(kind):
            raise click.ClickException("Only offers and demands are matched.")
        found = matchmaking.find(work, uid, matchmaking.measure(work)).scores[:limit]
        scores = {
            one.offer if kind == "demand" else one.demand: matches.explained(
                work, one.demand, one.offer
            ).score
            for one in found
        }
        partners = catalogue.published(work, list(scores))
    if as_json:
        _print({"items": [_scored(*pair) for pair in scores.items()], "model_version": MODEL_VERSION})
    else:
        _tell(scores, partners)


def _tell(scores: Mapping[str, Score], partners: Mapping[str, Public]) -> None:
    for uid, score in scores.items():
        click.echo(
            f"{_points(score.total):7.3f}  {uid}  {partners[uid].content.title if uid in partners else ''}"
        )
        for signal in score.signals:
            worth = f"{_points(signal.points):7.3f} of {_points(signal.of):7.3f}"
            click.echo(f"         {worth}  {signal.name} ({signal.state})")


def _scored(uid: str, score: Score) -> dict[str, Any]:
    return {
        "uid": uid,
        "score": _points(score.total),
        "signals": list(map(_signal, score.signals)),
        "gates": [{"name": gate.name, "passed": gate.passed} for gate in score.gates],
        "would_lift": list(map(_lift, score.lifts)),
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "points": _points(signal.points),
        "of": _points(signal.of),
        "demand": _said([signal.demand]),
        "offer": _said([signal.offer]),
    }


def _lift(lift: Lift) -> dict[str, Any]:
    return {
        "side": lift.side,
        "change": _said([lift.change, *lift.also]),
        "gain": _points(lift.gain),
        "crosses_bar": lift.crosses_bar,
    }


def _said(sayings: Sequence[Said]) -> str:
    return " ".join(sentence(one.code, one.params) for one in sayings)


def _points(thousandths: int) -> float:
    return thousandths / 1000
