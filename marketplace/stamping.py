"""Every page of a confidential file, marked with who reads it and when, so that a copy names its reader.

The mark is written in ASCII: the fonts every PDF reader brings have no Vietnamese letters, and a mark that is cut
is none. The address beside the name says unmistakably who it was.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import UTC, datetime

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, PdfObject

from marketplace.errors import Conflict
from marketplace.pictures import LARGEST

MOST_PAGES = 500
MOST_OBJECTS = 50_000
"""Of a PDF: a drawing of ten megabytes has some thousands, and of these it takes four seconds to write them anew."""
DASHED = str.maketrans("đĐ", "dD")
MARGIN = 18  # points from the lower edge of a page
CONTENTS, RESOURCES, FONTS = NameObject("/Contents"), NameObject("/Resources"), NameObject("/Font")
DEEPEST = 50  # branches of pages within each other
HELVETICA = DictionaryObject({
    NameObject("/Type"): FONTS,
    NameObject("/Subtype"): NameObject("/Type1"),
    NameObject("/BaseFont"): NameObject("/Helvetica"),
})  # fmt: skip


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
        objects = sum(map(len, source.xref.values())) + len(source.xref_objStm)
        if source.is_encrypted or objects > MOST_OBJECTS or len(source.pages) > MOST_PAGES:
            raise Conflict("cannot_stamp")
        writer = PdfWriter(clone_from=source)
        before = writer._add_object(_drawing(b"q"))
        for page in writer.pages:
            _mark(writer, page, before, mark)
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise Conflict("cannot_stamp") from error
    return out.getvalue()


def _mark(writer: PdfWriter, page: PageObject, before: PdfObject, mark: str) -> None:
    """The mark near the lower edge, in a font every reader has, drawn after all that stands on the page.

    What stands there is never unpacked: a page of some kilobytes may unpack to a hundred megabytes, and there may be
    five hundred of them.
    """
    text = mark.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    left, bottom = float(page.mediabox.left) + MARGIN, float(page.mediabox.bottom) + MARGIN
    drawn = f"Q 0.65 0 0 rg BT /GiaoMark 8 Tf {left} {bottom} Td ({text}) Tj ET"
    held = page.get(CONTENTS, ArrayObject())
    there = list(held.get_object()) if isinstance(held.get_object(), ArrayObject) else [held]
    page[CONTENTS] = ArrayObject([before, *there, writer._add_object(_drawing(drawn.encode("ascii")))])
    resources = _copied(_resources(page))
    resources[FONTS] = fonts = _copied(resources.get(FONTS))
    fonts[NameObject("/GiaoMark")] = HELVETICA
    page[RESOURCES] = resources


def _drawing(operators: bytes) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(operators)
    return stream


def _resources(page: PageObject) -> PdfObject | None:
    """Its own, or those of the branch of pages that it hangs on."""
    node: DictionaryObject | None = page
    for _ in range(DEEPEST):
        if node is None or RESOURCES in node:
            return node.get(RESOURCES) if node else None
        parent = node.get("/Parent")
        node = parent.get_object() if parent is not None else None
    return None


def _copied(held: PdfObject | None) -> DictionaryObject:
    """Of its own for this page: others may share what it is copied from."""
    known = held.get_object() if held is not None else None
    return DictionaryObject(known if isinstance(known, DictionaryObject) else {})


def _image(data: bytes, mark: str, form: str) -> bytes:
    """Drawn anew, so that nothing but the picture is left of it: no place, no camera, no name of who took it."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > LARGEST:
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
