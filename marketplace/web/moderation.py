"""The moderators' room: their queue, one item with all they need, and what they decide."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.schemas.values import whole
from marketplace.services import cases, reasons
from marketplace.services import moderation as service
from marketplace.services.cases import FILTERS, Filter
from marketplace.services.reasons import Reason
from marketplace.web.describing import described, differences
from marketplace.web.details import history
from marketplace.web.filling import Page, typed
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.problems import Problem

moderation = Blueprint("moderation", __name__)

DECISIONS = ("approve", "return", "reject", "uphold", "dismiss")
"""Of a listing or revision the first three, of a report the last two."""


@moderation.get("/moderation")
def queue() -> str:
    which: Filter = next((name for name in FILTERS if name == request.args.get("show")), "open")
    with look() as work:
        page = cases.queue(work, actor(), which=which, page=request.args.get("page", 1, type=whole))
    return render_template(
        "moderation/queue.html", queue=page, which=which, filters=FILTERS,
        page_url=lambda n: url_for("moderation.queue", show=which, page=n),
    )  # fmt: skip


@moderation.get("/moderation/<item_id>")
def item(item_id: str) -> Page:
    return _item(item_id, ())


@moderation.post("/moderation/<item_id>/decide")
def decide(item_id: str) -> Page:
    """The button that was pressed is the decision."""
    decision = typed("decision")
    if decision not in DECISIONS:
        abort(400)
    try:
        with begin() as work:
            if decision == "approve":
                service.approve(work, actor(), item_id)
            elif decision == "return":
                service.send_back(work, actor(), item_id, _reason(reasons.RETURN, "return"))
            elif decision == "reject":
                service.reject(work, actor(), item_id, _reason(reasons.REJECT, "reject"))
            else:
                said = Reason((), typed("answer_text").strip()[: reasons.LONGEST])
                service.answer_report(work, actor(), item_id, upheld=decision == "uphold", reason=said)
    except Invalid as refused:
        return _item(item_id, refused.problems)
    say(f"moderation.done_{decision}")
    return go("moderation.queue")


@moderation.post("/moderation/<item_id>/reassign")
def reassign(item_id: str) -> Response:
    with begin() as work:
        service.reassign(work, actor(), item_id, typed("owner"))
    say("moderation.done_reassign")
    return go("moderation.item", item_id=item_id)


@moderation.post("/moderation/<item_id>/listing/<any(suspend,restore,mark,unmark):step>")
def listing(item_id: str, step: str) -> Page:
    """What a moderator does with the listing itself, seen from one of its items."""
    uid = typed("uid")
    try:
        with begin() as work:
            if step == "suspend":
                service.suspend(work, actor(), uid, _reason(reasons.SUSPEND, "suspend"))
            elif step == "mark":
                service.mark(work, actor(), uid, typed("mark"), typed("ground"))
            else:
                {"restore": service.restore, "unmark": service.unmark}[step](work, actor(), uid)
    except Invalid as refused:
        return _item(item_id, refused.problems)
    say(f"moderation.done_{step}")
    return go("moderation.item", item_id=item_id)


def _reason(known: tuple[str, ...], form: str) -> Reason:
    """The reason of one of the page's forms, each of which has names of its own."""
    codes = tuple(request.form.getlist(f"{form}_reason"))
    try:
        return Reason.given(codes, typed(f"{form}_text"), of=known)
    except Invalid as refused:
        raise Invalid([replace(one, path=f"{form}_{one.path}") for one in refused.problems]) from None


def _item(item_id: str, problems: tuple[Problem, ...]) -> Page:
    with look() as work:
        case = cases.case(work, actor(), item_id)
    page = render_template(
        "moderation/item.html",
        case=case,
        fields=described(case.content),
        changes=differences(case.live, case.content) if case.live else [],
        events=history(case.history),
        reasons=reasons,
        decision_reason=Reason.read(case.reason),
        problems=problems,
        values=request.form,
    )
    return (page, Invalid.status) if problems else page
