"""A file that cannot be marked on every page is refused: it is not handed out unmarked."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from marketplace import stamping
from marketplace.errors import Conflict
from marketplace.stamping import MOST_PAGES, stamped
from tests.support.clock import MORNING
from tests.support.pictures import picture


def pdf(pages: int = 1, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(pages: int, megabytes: int) -> bytes:
    """A PDF of some kilobytes, each of whose pages unpacks to megabytes; what all share hangs on their branch."""
    writer = PdfWriter()
    packed = zlib.compress(b" " * megabytes * 1_000_000, 9)
    for _ in range(pages):
        page = writer.add_blank_page(200, 200)
        del page["/Resources"]
        drawn = StreamObject()
        drawn._data = packed
        drawn[NameObject("/Filter")] = NameObject("/FlateDecode")
        page[NameObject("/Contents")] = writer._add_object(drawn)
    branch = writer.pages[0]["/Parent"].get_object()
    assert isinstance(branch, DictionaryObject)
    fonts = DictionaryObject({NameObject("/Own"): DictionaryObject()})
    branch[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png() -> bytes:
    return picture("PNG")


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


def test_a_page_that_unpacks_to_megabytes_is_marked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bomb(pages=3, megabytes=4)
    out = marked(data, "application/pdf")
    assert len(out) < 2 * len(data)
    for page in PdfReader(io.BytesIO(out)).pages:
        assert "le.no@example.org" in page.extract_text()
        fonts = page["/Resources"].get_object()["/Font"]  # type: ignore[index]
        assert fonts.keys() == {"/Own", "/GiaoMark"}
    monkeypatch.setattr(stamping, "MOST_OBJECTS", 3)
    with pytest.raises(Conflict):
        marked(data, "application/pdf")


def test_a_picture_that_would_unpack_to_hundreds_of_megabytes_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert marked(png(), "image/png") != png()
    monkeypatch.setattr(stamping, "LARGEST", 1_599)
    with pytest.raises(Conflict):
        marked(png(), "image/png")
