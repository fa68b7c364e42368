"""Confidential files of a listing: sent, fetched and removed by those who may."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from marketplace.errors import Invalid
from marketplace.services import sealed_files, steps
from marketplace.web.filling import sent_file
from marketplace.web.request import actor, begin, go, look, say
from vocabulary.problems import Problem

sealed = Blueprint("sealed", __name__)


@sealed.post("/desk/listings/<uid>/files")
def attach(uid: str) -> Response:
    with look() as work:
        steps.find(work, actor(), uid, "listing.edit")
    try:
        sent = sent_file("file", sealed_files.received)
        if sent is None:
            raise Invalid([Problem("file", "required")])
        with begin() as work:
            sealed_files.attach(work, actor(), uid, sent)
    except Invalid as refused:
        for problem in refused.problems:
            say(f"problem.{problem.code}", "bad", **problem.params)
        return go("own_listing.show", uid=uid, _anchor="files")
    say("desk.file_added")
    return go("own_listing.show", uid=uid, _anchor="files")


@sealed.get("/desk/files/<file_id>")
def file(file_id: str) -> Response:
    """Always as a download, never shown inside our own pages."""
    with begin() as work:
        known, data = sealed_files.read(work, actor(), file_id)
    answer = send_file(BytesIO(data), known.media_type, as_attachment=True, download_name=known.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@sealed.post("/desk/files/<file_id>/remove")
def remove(file_id: str) -> Response:
    with begin() as work:
        uid = sealed_files.remove(work, actor(), file_id)
    say("desk.file_removed")
    return go("own_listing.show", uid=uid, _anchor="files")
