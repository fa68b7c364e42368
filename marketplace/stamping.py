"""Every page of a confidential file, marked with who reads it and when, so that a copy names its reader.

The mark is written in ASCII: the fonts every PDF reader brings have no Vietnamese letters, and a mark that is cut
is none. The address beside the name says unmistakably who it was.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, PdfObject

from marketplace.errors import Conflict

LARGEST_IMAGE = 60_000_000
"""Pixels; a picture of more unpacks to hundreds of megabytes."""
MOST_PAGES = 500
DASHED = str.maketrans("đĐ", "dD")
MARGIN = 18  # points from the lower edge of a page


def stamped(data: bytes, media_type: str, *, reader: str, at: datetime) -> bytes:
    """The file with its mark on every page.

    Raises `Conflict` when it is damaged, locked, or larger than can be marked; it is not shown unmarked.
    """
    mark = _ascii(f"{reader} - {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC - confidential, do not pass on")
    if media_type == "application/pdf":
        return _pdf(data, mark)
    return _image(data, mark, "PNG" if media_type == "image/png" else "JPEG")


def _pdf(data: bytes, mark: str) -> bytes:
    try:
        source = PdfReader(io.BytesIO(data), strict=False)
        if source.is_encrypted or len(source.pages) > MOST_PAGES:
            raise Conflict("cannot_stamp")
        writer = PdfWriter(clone_from=source)
        for page in writer.pages:
            page.merge_page(_overlay(page, mark))
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise Conflict("cannot_stamp") from error
    return out.getvalue()


def _overlay(page: PageObject, mark: str) -> PageObject:
    """A page of the same size with nothing but the mark near its lower edge, in a font every reader has."""
    box = page.mediabox
    overlay = PageObject.create_blank_page(width=box.right, height=box.top)
    text = mark.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    drawn = DecodedStreamObject()
    left, bottom = float(box.left) + MARGIN, float(box.bottom) + MARGIN
    drawn.set_data(f"0.65 0 0 rg BT /GiaoMark 8 Tf {left} {bottom} Td ({text}) Tj ET".encode("ascii"))
    font = {
        "/Type": NameObject("/Font"),
        "/Subtype": NameObject("/Type1"),
        "/BaseFont": NameObject("/Helvetica"),
    }
    overlay[NameObject("/Contents")] = drawn
    overlay[NameObject("/Resources")] = _dictionary({"/Font": _dictionary({"/GiaoMark": _dictionary(font)})})
    return overlay


def _dictionary(values: Mapping[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(name): value for name, value in values.items()})


def _image(data: bytes, mark: str, form: str) -> bytes:
    """Drawn anew, so that nothing but the picture is left of it: no place, no camera, no name of who took it."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > LARGEST_IMAGE:
                raise Conflict("cannot_stamp")
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Conflict("cannot_stamp") from error
    draw = ImageDraw.Draw(picture)
    size = max(10, picture.height // 60)
    font = ImageFont.load_default(size)
    top = picture.height - 2 * size
    draw.rectangle((0, top, picture.width, picture.height), fill="white")
    draw.text((size // 2, top + size // 4), mark, fill="darkred", font=font)
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(DASHED))
    return "".join(c for c in plain if not unicodedata.combining(c)).encode("ascii", "replace").decode()
