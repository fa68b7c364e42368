"""A file that cannot be marked on every page is refused: it is not handed out unmarked."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from pypdf import PdfWriter

from marketplace import stamping
from marketplace.errors import Conflict
from marketplace.stamping import MOST_PAGES, stamped
from tests.support.clock import MORNING


def pdf(pages: int = 1, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "PNG")
    return out.getvalue()


UNFIT: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a PDF that breaks off": ("application/pdf", lambda: pdf()[:60]),
    "a PDF behind a password": ("application/pdf", lambda: pdf(password="secret")),
    "a PDF of too many pages": ("application/pdf", lambda: pdf(MOST_PAGES + 1)),
    "no PDF": ("application/pdf", lambda: b"%PDF-1.7 nothing"),
    "a picture that breaks off": ("image/png", lambda: png()[:40]),
    "no picture": ("image/jpeg", lambda: b"\xff\xd8\xff nothing"),
}


def marked(data: bytes, media_type: str) -> bytes:
    return stamped(data, media_type, reader="Lê Nở <le.no@example.org>", at=MORNING)


@pytest.mark.parametrize("what", UNFIT)
def test_what_cannot_be_marked_is_refused_with_a_sentence(what: str) -> None:
    media_type, data = UNFIT[what]
    with pytest.raises(Conflict) as refused:
        marked(data(), media_type)
    assert refused.value.code == "cannot_stamp"


def test_a_picture_that_would_unpack_to_hundreds_of_megabytes_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert marked(png(), "image/png") != png()
    monkeypatch.setattr(stamping, "LARGEST_IMAGE", 1_599)
    with pytest.raises(Conflict):
        marked(png(), "image/png")
