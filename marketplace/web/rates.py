"""The operators' page of rates: which one counts for each currency, one more entered, and all that ever were."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from marketplace.schemas.values import whole
from marketplace.services import quotes
from marketplace.services import rates as entered
from marketplace.web.filling import Page, form_page, typed
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.money import FRACTION_DIGITS, HOME
from vocabulary.rates import COLUMNS, LONGEST, UNITS

rates = Blueprint("rates", __name__)


@rates.get("/rates")
def show() -> Page:
    return _page()


@rates.post("/rates")
def enter() -> Page:
    return _page()


def _page() -> Page:
    number = max(1, request.args.get("page", 1, type=whole))
    with look() as work:
        found, today = entered.page(work, actor(), number=number), entered.today(work)
    return form_page(
        "quality/rates.html", _enter, found=found, number=number, today=today, longest=LONGEST,
        currencies=[(code, code) for code in sorted(FRACTION_DIGITS.keys() - {HOME})],
        units=[(n, str(n)) for n in UNITS], page_url=lambda n: url_for("rates.show", page=n),
    )  # fmt: skip


def _enter() -> Response:
    with begin() as work:
        rate = quotes.enter(work, actor(), {name: typed(name) for name in COLUMNS})
    say("rates.done", currency=rate.currency)
    return go("rates.show")
