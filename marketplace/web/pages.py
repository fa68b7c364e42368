"""Home and the few pages that only say something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, url_for

from marketplace.services import accounts, catalogue, figures
from marketplace.services.catalogue import Finding
from marketplace.web.cards import found
from marketplace.web.labels import label
from marketplace.web.request import look
from marketplace.work import Work
from search.query import Query
from vocabulary.fields import FORD

pages = Blueprint("pages", __name__)

NEWEST = 5
BRANCHES = frozenset(code.code for code in FORD.all() if not code.parent)
"""The six fields of the OECD's classification."""


@pages.get("/")
def home() -> str:
    with look() as work:
        newest, counts, limited = _newest(work)
        counted = figures.public(work)
    fields = [
        (
            label("field", code),
            url_for("catalogue.offers", field=code),
            None if counts is None else counts.get(code, 0),
        )
        for code in sorted(BRANCHES)
    ]
    return render_template(
        "pages/home.html",
        figures=counted,
        fields=fields,
        newest=[found(one) for one in newest],
        limited=limited,
    )


def _newest(work: Work) -> tuple[Sequence[Finding], Mapping[str, int] | None, bool]:
    """The newest listings and how many offers there are of each field; without its search engine the exchange still knows
    the former, and says that it is limited."""
    page = catalogue.search_or_look(work, Query(kinds=("offer", "demand"), sort="newest", size=NEWEST))
    if page.limited:
        return page.findings, None, True
    offers = catalogue.search_or_look(work, Query(kinds=("offer",), size=0, facets=("field",)))
    return page.findings, None if offers.limited else offers.results.facets.get("field", {}), offers.limited


@pages.get("/terms")
def terms() -> str:
    return render_template("pages/terms.html", version=accounts.TERMS_VERSION)


@pages.get("/help")
def help() -> str:  # noqa: A001 - the page is called that
    return render_template("pages/help.html")


@pages.get("/accessibility")
def accessibility() -> str:
    return render_template("pages/accessibility.html")
