"""Home and the few pages that only say something."""

from __future__ import annotations

from flask import Blueprint, render_template

from marketplace.web.request import look

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    with look() as work:
        return render_template("pages/home.html", work=work)


@pages.get("/terms")
def terms() -> str:
    return render_template("pages/terms.html")


@pages.get("/help")
def help() -> str:  # noqa: A001 - the page is called that
    return render_template("pages/help.html")
