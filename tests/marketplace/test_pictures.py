"""What is kept of a picture: all that is seen, and nothing of where, when and by whom it was taken."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from marketplace.errors import Invalid
from marketplace.pictures import bare
from marketplace.runtime import Runtime
from marketplace.services.uploads import received
from tests.support.exchanges import embedded_settings
from tests.support.pictures import picture

PLACE = "Nam Can 8.76N 104.99E"
ORIENTATION, CAMERA, GPS = 0x0112, 0x010F, 0x8825


def notes(held: int = 0) -> Image.Exif:
    """As a telephone writes them."""
    exif = Image.Exif()
    exif[CAMERA] = PLACE
    exif[GPS] = {1: "N", 2: (8.0, 45.0, 36.0), 29: PLACE}
    if held:
        exif[ORIENTATION] = held
    return exif


def labelled() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", PLACE)
    info.add_text("Packed", PLACE, zip=True)
    info.add_itxt("XML:com.adobe.xmp", PLACE)
    return info


COLOURS = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
TAKEN = {
    "a photograph": picture("JPEG", exif=notes(), comment=PLACE, xmp=PLACE.encode(), icc_profile=COLOURS),
    "one that loads step by step": picture("JPEG", exif=notes(), progressive=True, icc_profile=COLOURS),
    "one with a second behind its end": picture("JPEG", icc_profile=COLOURS) + picture("JPEG", exif=notes()),
    "a screenshot": picture("PNG", exif=notes(), pnginfo=labelled(), icc_profile=COLOURS),
    "one with more behind its end": picture("PNG", icc_profile=COLOURS) + PLACE.encode(),
}


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(embedded_settings(tmp_path))


def seen(data: bytes) -> tuple[bytes, object]:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB").tobytes(), opened.info.get("icc_profile")


@pytest.mark.parametrize("what", TAKEN)
def test_a_picture_is_kept_as_it_looks_and_without_where_it_was_taken(runtime: Runtime, what: str) -> None:
    taken = TAKEN[what]
    kept = received(runtime, "ảnh", taken).data
    assert seen(kept) == seen(taken)
    assert len(kept) < len(taken)
    assert PLACE.encode() not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert dict(opened.getexif()) == {}
        assert opened.info.keys() <= {"icc_profile", "jfif", "jfif_version", "jfif_unit", "jfif_density",
                                      "progressive", "progression"}  # fmt: skip
    assert received(runtime, "ảnh", kept).data == kept


@pytest.mark.parametrize("held", [1, 3, 6, 8])
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_photograph_that_was_held_upright_stands_upright(runtime: Runtime, held: int, order: str) -> None:
    exif = notes(held)
    exif.endian = "<" if order == "little" else ">"
    kept = received(runtime, "ảnh", picture("JPEG", exif=exif)).data
    with Image.open(io.BytesIO(kept)) as opened:
        assert dict(opened.getexif()) == ({ORIENTATION: held} if held > 1 else {})


def test_colours_of_print_stay_those_of_print(runtime: Runtime) -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("CMYK").save(out, "JPEG")
    assert seen(received(runtime, "in", out.getvalue()).data) == seen(out.getvalue())


def huge_png() -> bytes:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    written = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def huge_jpeg() -> bytes:
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (huge_png(), "upload.unpacks_too_large"),
        (huge_jpeg(), "upload.unpacks_too_large"),
        (picture("PNG")[:-20], "upload.damaged"),
        (picture("JPEG")[:-20], "upload.damaged"),
        (b"\xff\xd8\xff\xe1\x00", "upload.damaged"),
        (b"\xff\xd8\xff\xc0\x00\x04\x08\x00", "upload.damaged"),
        (b"\x89PNG\r\n\x1a\nnothing", "upload.damaged"),
    ],
)
def test_a_picture_of_too_many_pixels_or_that_breaks_off_is_refused(
    runtime: Runtime, data: bytes, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        received(runtime, "ảnh", data)
    assert [problem.code for problem in refusal.value.problems] == [code]


@given(data=st.data(), what=st.sampled_from(sorted(TAKEN)))
def test_bytes_that_were_changed_are_refused_or_taken_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, what: str
) -> None:
    taken = bytearray(TAKEN[what])
    for _ in range(data.draw(st.integers(1, 8))):
        taken[data.draw(st.integers(8, len(taken) - 1))] = data.draw(st.integers(0, 255))
    runtime = Runtime(embedded_settings(tmp_path_factory.getbasetemp()))
    try:
        kept = received(runtime, "ảnh", bytes(taken))
    except Invalid as refusal:
        codes = {problem.code for problem in refusal.problems}
    else:
        codes = set[str]()
        assert bare(kept.data, kept.kind.media_type) == kept.data, "nothing more is left to take away"
    assert codes <= {"upload.damaged", "upload.unpacks_too_large", "upload.type", "upload.two_things"}
