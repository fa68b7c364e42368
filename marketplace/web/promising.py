"""Where a broker looks for pairs to take up."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from marketplace.errors import Conflict, Forbidden
from marketplace.services import promising as service
from marketplace.services.promising import SHOWS, Page
from marketplace.web.cards import card
from marketplace.web.request import actor, look
from marketplace.web.saying import sentence

promising = Blueprint("promising", __name__)


@promising.get("/board/pairs")
def pairs() -> str:
    """What keeps the reader from taking up any pair is said instead of them."""
    show = next((one for one in SHOWS if one == request.args.get("show")), SHOWS[0])
    words, after = request.args.get("words", "").strip()[:100], request.args.get("after", "")
    page, refused = Page(), ""
    with look() as work:
        try:
            page = service.page(work, actor(), show=show, words=words, after=after)
        except (Conflict, Forbidden) as refusal:
            refused = refusal.code
    return render_template(
        "deals/promising.html", show=show, shows=SHOWS, words=words, after=after, refused=refused,
        pairs=[(card(one.demand), card(one.offer), one, sentence(one.signals)) for one in page.pairs],
        further=url_for("promising.pairs", show=show, words=words, after=page.after) if page.after else "",
    )  # fmt: skip
