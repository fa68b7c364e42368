"""The librarians' room of the national exchange: listings classified, and what they say of them on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.errors import Invalid, Stale
from marketplace.languages import catalogue
from marketplace.schemas import classification as forms
from marketplace.schemas.values import whole
from marketplace.services.catalogue import Public
from marketplace.services.classification import deciding, working
from marketplace.services.classification.deciding import ACTION, Case
from marketplace.services.classification.layer import Layer, laid, text_mark
from marketplace.services.classification.working import WHICH, Which
from marketplace.services.feed import LISTED
from marketplace.services.policy import may
from marketplace.web.cards import card
from marketplace.web.choices import field_options, industry_options, strategic_options
from marketplace.web.details import details
from marketplace.web.filling import Page, version
from marketplace.web.labels import label
from marketplace.web.request import actor, begin, go, look, runtime, say
from marketplace.work import Work
from vocabulary.listing import Text
from vocabulary.problems import Problem

classifying = Blueprint("classifying", __name__)

LABELS = {"fields": "field", "ipc": "ipc", "industries": "industry", "strategic": "strategic"}
"""Part of a layer -> the list its codes are of, as `web.labels` calls it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A layer as a page shows it: codes with their names, texts in another language, and since when."""

    rows: list[tuple[str, str, str]]
    texts: list[tuple[str, Text]]
    layer: Layer
    outdated: bool
    """The texts of the listing have changed since."""


def shown(work: Work, listing: Public) -> Shown | None:
    """What the national exchange says of a listing; None where that is nothing."""
    found = laid(work, [listing.uid]).get(listing.uid)
    if found is None or found.layer is None or found.layer.says_nothing:
        return None
    return as_shown(listing, found.layer)


def as_shown(listing: Public, layer: Layer) -> Shown:
    """A translation is left out where the home has by now written its own."""
    texts = [
        (language, text) for language, text in layer.texts.items() if language not in listing.content.texts
    ]
    return Shown(_rows(layer), texts, layer, layer.of_text != text_mark(listing.content))


def classify_url(listing: Public) -> str:
    """Where this reader may classify the listing; empty where he may not, or not here."""
    if runtime().settings.role != "national" or not may(actor(), ACTION):
        return ""
    return url_for("classifying.show", uid=listing.uid)


@classifying.get("/classification")
def queue() -> str:
    _at_the_centre()
    which: Which = next((one for one in WHICH if one == request.args.get("show")), "waiting")
    home, kind = request.args.get("home", "")[:40], request.args.get("kind", "")
    kind = kind if kind in LISTED else ""
    with look() as work:
        page = working.page(
            work, actor(), which=which, home=home, kind=kind, number=request.args.get("page", 1, type=whole)
        )
    kept: dict[str, Any] = {"home": home or None, "kind": kind or None}
    return render_template(
        "classification/queue.html", queue=page, which=which, home=home, kind=kind, kept=kept,
        lines=[(line, card(line.listing), _rows(line.layer) if line.layer else []) for line in page.lines],
        homes=[(one, label("origin", one)) for one in page.homes],
        kinds=[(one, label("kind", one)) for one in ("offer", "demand", "initiative")],
        page_url=lambda n: url_for("classifying.queue", show=which, page=n, **kept),
    )  # fmt: skip


@classifying.get("/classification/<uid>")
def show(uid: str) -> Page:
    with look() as work:
        case = _case(work, uid)
    return _page(case, forms.typed(case.layer, case.layer.texts))


@classifying.post("/classification/<uid>")
def decide(uid: str) -> Page:
    """A form that was filled before somebody else decided is shown again beside what stands now, nothing lost."""
    with look() as work:
        case = _case(work, uid)
    values = forms.raw(request.form.items(multi=True))
    given, problems = forms.read(values, language=deciding.second_language(case.listing.content))
    layer = Layer(given.fields, given.ipc, given.industries, given.strategic, given.texts)
    try:
        if problems:
            raise Invalid(problems)
        with begin() as work:
            changed = deciding.decide(work, actor(), uid, layer, version=version(missing=-1))
    except Invalid as refused:
        return _page(case, values, problems=[forms.as_typed(one) for one in refused.problems]), Invalid.status
    except Stale:
        with look() as work:
            return _page(_case(work, uid), values, stale=True), Stale.status
    say("classify.done" if changed else "classify.same")
    return go("classifying.show", uid=uid)


@classifying.post("/classification/<uid>/undo")
def undo(uid: str) -> Response:
    _at_the_centre()
    with begin() as work:
        deciding.undo(work, actor(), uid, version=version(missing=-1))
    say("classify.undone")
    return go("classifying.show", uid=uid)


def _page(case: Case, values: Any, *, problems: Sequence[Problem] = (), stale: bool = False) -> str:
    content = case.listing.content
    return render_template(
        "classification/show.html", case=case, listing=case.listing, card=card(case.listing), values=values,
        problems=problems, stale=stale, details=details(content),
        stands=as_shown(case.listing, case.layer) if not case.layer.says_nothing else None,
        history=[(one, _rows(one.layer)) for one in case.history],
        second=deciding.second_language(content), choices=_choices(values),
    )  # fmt: skip


def _choices(values: Any) -> dict[str, Any]:
    chosen = {
        f"chosen_{name}": [(code, label(LABELS[name], code)) for code in values[name]]
        for name in ("fields", "industries", "strategic")
    }
    return {
        **chosen, "fields": field_options(), "industries": industry_options(), "strategic": strategic_options(),
    }  # fmt: skip


def _rows(layer: Layer) -> list[tuple[str, str, str]]:
    """Each list with its codes and their names in the reader's language, one a line."""
    words = catalogue(g.language)
    return [
        (words.gettext(f"field.{name}"), "\n".join(_named(known, code) for code in codes), "")
        for name, known in LABELS.items()
        if (codes := getattr(layer, name))
    ]


def _named(known: str, code: str) -> str:
    """An IPC symbol is named by its subclass, the lowest that has a name."""
    name = label(known, code.partition(" ")[0] if known == "ipc" else code)
    return f"{code} · {name}" if name and name != code else code


def _case(work: Work, uid: str) -> Case:
    _at_the_centre()
    return deciding.case(work, actor(), uid)


def _at_the_centre() -> None:
    if runtime().settings.role != "national":
        abort(404)
