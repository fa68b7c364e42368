"""How good matches are, for everybody; and for operators the weights and how often each offer is suggested."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.services import catalogue, crowd, learning, statistics, weights
from marketplace.web.cards import card
from marketplace.web.filling import typed
from marketplace.web.request import actor, begin, go, look, say
from matching.measured import MEASURED
from matching.model import MODEL_VERSION

quality = Blueprint("quality", __name__)


@quality.get("/quality")
def show() -> str:
    """Public: every figure with how it was made."""
    with look() as work:
        decided = learning.decided(work)
    return render_template("quality/show.html", measured=MEASURED, decided=decided, rules=MODEL_VERSION)


@quality.get("/weights")
def versions() -> str:
    with look() as work:
        found = weights.versions(work, actor())
        beside = learning.beside(work, actor())
        done, until = statistics.rematched(work)
    return render_template("quality/weights.html", versions=found, beside=beside, done=done, until=until)


@quality.post("/weights")
def act() -> Response:
    """The button that was pressed says what: learn, adopt, beside or back."""
    version = typed("version")
    with begin() as work:
        match typed("act"):
            case "learn":
                result = learning.learned(work, actor())
                say(f"weights.learned_{result.outcome}", "ok" if result.outcome == "better" else "warn",
                    n=result.figures.decisions)  # fmt: skip
            case "adopt":
                weights.adopt(work, actor(), version)
                say("weights.adopted", version=version)
            case "beside":
                weights.beside(work, actor(), version)
                say("weights.runs_beside", version=version)
            case "back":
                say("weights.went_back", version=weights.go_back(work, actor()))
            case _:
                abort(400)
    return go("quality.versions")


@quality.get("/exposure")
def exposure() -> str:
    with look() as work:
        report = crowd.exposure(work, actor())
        public = catalogue.published(work, [uid for uid, _ in report.most])
    rows = [(card(public[uid]), number) for uid, number in report.most if uid in public]
    return render_template(
        "quality/exposure.html", report=report, rows=rows, back=url_for("quality.versions")
    )
