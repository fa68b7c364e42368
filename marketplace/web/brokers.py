"""The register of brokers: anybody may read it; a broker keeps his own entry, a moderator verifies certificates."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Forbidden, Invalid
from marketplace.schemas.values import whole
from marketplace.services import broker_register, records, waiting_cases
from marketplace.services import brokers as service
from marketplace.services.policy import may
from marketplace.web.choices import field_options, province_options
from marketplace.web.filling import Page, form_page, typed, version
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.days import read_date
from vocabulary.problems import Unreadable

brokers = Blueprint("brokers", __name__)


@brokers.get("/brokers")
def register() -> str:
    field, province = request.args.get("field", ""), request.args.get("province", "")
    with look() as work:
        found = broker_register.register(work, field=field, province=province)
    return render_template(
        "brokers/register.html", brokers=found, field=field, province=province,
        fields=field_options(), provinces=province_options(), enough=records.ENOUGH,
    )  # fmt: skip


@brokers.get("/brokers/waiting")
def waiting() -> str:
    """For operators: the cases that nobody brokers."""
    with look() as work:
        page = waiting_cases.waiting(work, actor(), page=request.args.get("page", 1, type=whole))
    return render_template(
        "brokers/waiting.html", waiting=page, page_url=lambda n: url_for("brokers.waiting", page=n)
    )


@brokers.get("/brokers/<broker_id>")
def show(broker_id: str) -> str:
    with look() as work:
        broker = broker_register.one(work, broker_id)
        own = {one.id for one in broker_register.mine(work, actor())} if actor().signed_in else set()
        declared = broker_register.declared(work, broker_id) if broker_id in own else []
    return render_template(
        "brokers/broker.html", broker=broker, own=broker_id in own, declared=declared, enough=records.ENOUGH
    )


@brokers.route("/brokers/own/<any(person,network):sort>", methods=["GET", "POST"])
def own(sort: str) -> Page:
    network = sort == "network"
    organisation = _organisation("owner" if network else "broker")
    with look() as work:
        mine = [one for one in broker_register.mine(work, actor()) if one.is_network == network]
        leads = [(one.id, one.organisation) for one in broker_register.register(work) if one.is_network]
    known = mine[0] if mine else None
    return form_page(
        "brokers/own.html", lambda: _save(organisation, network), known=known, network=network, leads=leads,
        fields=field_options(), provinces=province_options(), spoken=service.LANGUAGES,
    )  # fmt: skip


def _save(organisation: str, network: bool) -> Response:
    said = service.entered(
        about=typed("about"), certificate=typed("certificate"), issuer=typed("issuer"),
        certified_until=_day("certified_until"), fields=request.form.getlist("fields"),
        provinces=request.form.getlist("provinces"), languages=request.form.getlist("languages"),
        capacity=typed("capacity"), active=bool(typed("active")), lead_id=typed("lead_id"),
    )  # fmt: skip
    with begin() as work:
        entry = service.save(
            work,
            actor(),
            organisation,
            said,
            network=network,
            version=version(),
        )
    say("broker.saved")
    return go("brokers.show", broker_id=entry)


@brokers.post("/brokers/<broker_id>/verify")
def verify(broker_id: str) -> Response:
    with begin() as work:
        service.verify(work, actor(), broker_id, version=version())
    say("broker.verified_now")
    return go("brokers.show", broker_id=broker_id)


@brokers.post("/brokers/<broker_id>/interests")
def declare(broker_id: str) -> Response:
    try:
        with begin() as work:
            service.declare(work, actor(), broker_id, typed("organisation"))
        say("broker.declared")
    except Invalid as refused:
        for problem in refused.problems:
            say(f"problem.{problem.code}", "bad", **problem.params)
    return go("brokers.show", broker_id=broker_id, _anchor="interests")


@brokers.post("/brokers/<broker_id>/interests/<conflict_id>/remove")
def undeclare(broker_id: str, conflict_id: str) -> Response:
    with begin() as work:
        service.undeclare(work, actor(), conflict_id)
    say("broker.undeclared")
    return go("brokers.show", broker_id=broker_id, _anchor="interests")


def _organisation(role: str) -> str:
    """The organisation the entry belongs to: the one where the actor holds the role, the first by id of several."""
    action = "broker.lead" if role == "owner" else "broker.own"
    held = sorted(of for of in actor().roles if may(actor(), action, of))
    if not held:
        raise Forbidden
    return held[0]


def _day(name: str) -> date:
    try:
        return read_date(typed(name))
    except Unreadable as unread:
        raise Invalid([unread.at(name)]) from None
