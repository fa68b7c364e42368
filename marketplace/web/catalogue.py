"""Search and reading, open to anyone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace import languages
from marketplace.services import alike, reaching, timeline
from marketplace.services import catalogue as services
from marketplace.services.catalogue import Page
from marketplace.services.matchmaking import matched
from marketplace.web import asking, classifying, homes, narrowing
from marketplace.web.asking import Asked
from marketplace.web.cards import Card, card, found
from marketplace.web.details import details, history
from marketplace.web.labels import label
from marketplace.web.matches import shown_matches
from marketplace.web.request import actor, look, runtime
from marketplace.work import Work
from search.engine import SearchError
from search.query import LAST_NUMBERED_RESULT, Query

catalogue = Blueprint("catalogue", __name__)

MATCHES_SHOWN = 5
PLURAL = {"offer": "offers", "demand": "demands", "initiative": "initiatives"}
SHOWN_FACETS = ("field", "transfer_form", "right", "industry", "province", "origin", "language", "updated")


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    options: list[tuple[str, str, int, bool]]


@catalogue.get("/offers")
def offers() -> str | Response:
    return _search("offer")


@catalogue.get("/demands")
def demands() -> str | Response:
    return _search("demand")


@catalogue.get("/initiatives")
def initiatives() -> str | Response:
    return _search("initiative")


@catalogue.get("/listings/<uid>")
def listing(uid: str) -> str:
    with look() as work:
        public = services.listing(work, uid)
        told = timeline.public(work, uid)
        reach = reaching.reach(work, actor(), uid)
        alike = _alike(work, uid)
        home = homes.home(work, public)
        technology = homes.technology(work, public)
        classified = classifying.shown(work, public)
        # What is found for a technology is found for the listing that stands for it.
        matched_as = technology.homes[0].card.uid if technology.homes else uid
        best = shown_matches(work, matched_as, MATCHES_SHOWN) if matched(public.kind) else []
    return render_template(
        "catalogue/listing.html", listing=public, card=card(public), history=history(told), alike=alike, matches=best,
        details=details(public.content), home=home, technology=technology, matched_as=matched_as,
        reach=reach, report_url=None if home else url_for("reports.new", uid=uid), classified=classified,
        classify_url=classifying.classify_url(public),
    )  # fmt: skip


def _alike(work: Work, uid: str) -> list[Card]:
    """Nice to have: a page about one listing works while search is away."""
    try:
        return [found(finding) for finding in alike.like(work, uid)]
    except SearchError:
        return []


def _search(kind: str) -> str | Response:
    asked = asking.read(request.args, kind=kind, now=runtime().clock())
    chips = narrowing.chips(asked, request.path)
    with look() as work:
        page = services.search_or_look(work, asked.query)
        if page.results.total and asked.query.page > _pages(page):
            return redirect(asked.url(request.path, page=_pages(page)), code=303)
        tabs = _tabs(work, asked, kind, page)
        ways_out = [] if page.results.total or page.limited else narrowing.ways_out(chips, work)
    return render_template(
        "catalogue/search.html", kind=kind, asked=asked, page=page, cards=[found(one) for one in page.findings],
        facets=_facets(asked, page), chips=chips, ways_out=ways_out, tabs=tabs, plural=PLURAL[kind], sorts=_sorts(kind),
        pages=_pages(page), page_url=lambda n: asked.url(request.path, page=n), after_url=_after(asked, page),
    )  # fmt: skip


def _tabs(work: Work, asked: Asked, kind: str, page: Page) -> list[tuple[str, str, int | None, bool]]:
    """The same question asked of the other kinds, with their counts; without, while the engine is away."""
    counts = {} if page.limited else _counts(work, asked, kind, page)
    text = asked.values.get("q") or None
    return [
        (label("kind", other), url_for(f"catalogue.{name}", q=text), counts.get(other), other == kind)
        for other, name in PLURAL.items()
    ]


def _counts(work: Work, asked: Asked, kind: str, page: Page) -> dict[str, int]:
    others = tuple(other for other in PLURAL if other != kind)
    query = Query(text=asked.query.text, kinds=others, forgiving=False)
    return {kind: page.results.total, **dict.fromkeys(others, 0), **services.counts(work, query)}


def _facets(asked: Asked, page: Page) -> list[Facet]:
    return [Facet(name, _options(asked, page, name)) for name in SHOWN_FACETS]


def _options(asked: Asked, page: Page, name: str) -> list[tuple[str, str, int, bool]]:
    """Those ticked first, then the commonest; a ticked one stays visible even when nothing is left of it."""
    ticked = asked.query.filters.get(name, ())
    counts = dict.fromkeys(ticked, 0) | dict(page.results.facets.get(name, {}))
    options = [(code, label(name, code), count, code in ticked) for code, count in counts.items()]
    return sorted(options, key=lambda option: (not option[3], -option[2], option[1]))


def _pages(page: Page) -> int:
    numbered = min(page.results.total, LAST_NUMBERED_RESULT)
    return -(-numbered // asking.PAGE_SIZE)


def _after(asked: Asked, page: Page) -> str:
    """Where results go on once pages have no number any more."""
    beyond = page.results.total > LAST_NUMBERED_RESULT and (
        asked.query.page >= _pages(page) or asked.query.after
    )
    return asked.url(request.path, after=page.results.after) if beyond and page.results.after else ""


def _sorts(kind: str) -> list[tuple[str, str]]:
    words = languages.catalogue(g.language)
    return [(sort, words.gettext(f"sort.{sort}")) for sort in asking.SORTS]


@catalogue.app_context_processor
def _words_of_codes() -> dict[str, object]:
    return {"label": label}
