"""The operators' room: work in the background, job by job; whoever asked for one sees his own."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.languages import catalogue
from marketplace.schemas.values import whole
from marketplace.services import operations as service
from marketplace.services.operations import FILTERS, Filter
from marketplace.web.request import actor, begin, go, look, say

operations = Blueprint("operations", __name__)


@operations.get("/jobs")
def jobs() -> str:
    which: Filter = next((name for name in FILTERS if name == request.args.get("show")), "open")
    with look() as work:
        page = service.all_jobs(work, actor(), which=which, page=request.args.get("page", 1, type=whole))
    return render_template(
        "operations/jobs.html", jobs=page, which=which, filters=FILTERS, job_name=job_name,
        page_url=lambda n: url_for("operations.jobs", show=which, page=n),
    )  # fmt: skip


@operations.get("/jobs/<job_id>")
def job(job_id: str) -> str:
    with look() as work:
        found = service.one_job(work, actor(), job_id)
    return render_template("operations/job.html", job=found, job_name=job_name)


@operations.post("/jobs/<job_id>/<any(stop,resume):step>")
def act(job_id: str, step: str) -> Response:
    with begin() as work:
        (service.stop if step == "stop" else service.resume)(work, actor(), job_id)
    say(f"jobs.did_{step}")
    return go("operations.job", job_id=job_id)


def job_name(name: str) -> str:
    """What a job does, in the reader's words; its own name when another version of Giao has asked for it."""
    words, key = catalogue(g.language), f"jobs.name_{name}"
    return words.gettext(key) if words.has(key) else name
