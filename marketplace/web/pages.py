"""Home and the few pages that only say something."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from marketplace.services import accounts, catalogue, figures
from marketplace.web.cards import found
from marketplace.web.labels import label
from marketplace.web.request import look
from search.query import Query
from vocabulary.fields import FORD

pages = Blueprint("pages", __name__)

NEWEST = 5
BRANCHES = frozenset(code.code for code in FORD.all() if not code.parent)
"""The six fields of the OECD's classification."""


@pages.get("/")
def home() -> str:
    with look() as work:
        newest = catalogue.search(
            work, Query(kinds=("offer", "demand"), sort="newest", size=NEWEST, facets=("field",))
        )
        counted = figures.public(work)
    counts = newest.results.facets.get("field", {})
    fields = [
        (label("field", code), url_for("catalogue.offers", field=code), counts.get(code, 0))
        for code in sorted(BRANCHES)
    ]
    return render_template(
        "pages/home.html", figures=counted, fields=fields, newest=[found(one) for one in newest.findings]
    )


@pages.get("/terms")
def terms() -> str:
    return render_template("pages/terms.html", version=accounts.TERMS_VERSION)


@pages.get("/help")
def help() -> str:  # noqa: A001 - the page is called that
    return render_template("pages/help.html")
