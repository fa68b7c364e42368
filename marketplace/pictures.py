"""A picture without what its camera wrote beside it: where it was taken, when, with what, and by whom.

The picture itself is copied byte for byte, so nothing of it is lost and nothing has to be unpacked. What it takes to show
it right stays: colours, size, animation, and which way up it is held (OWASP ASVS 5.0, 14.2.8).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

LARGEST = 60_000_000
"""Pixels; a picture of more unpacks to hundreds of megabytes."""

_PNG_HEAD = 8
_SHOWN = frozenset(b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB bKGD pHYs cICP acTL fcTL fdAT".split())
"""Parts of a PNG that its looks depend on (PNG, third edition, 11.3)."""

_START, _END, _SCAN, _EXIF = 0xD8, 0xD9, 0xDA, 0xE1
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that begin a frame and tell its height and width (ITU T.81, B.2.2)."""
_COLOURS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""What applications have written (APP0 to APP15) and the colours depend on."""
_AFTER_A_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_ORIENTATION = 0x0112


class Damaged(ValueError):
    """It does not go on as a picture does."""


class TooLarge(ValueError):
    """It has more pixels than can be shown."""


def bare(data: bytes, media_type: str) -> bytes:
    """The file without what does not belong to the picture; any other kind of file as it is.

    Raises `Damaged` and `TooLarge`.
    """
    if media_type == "image/jpeg":
        return b"".join(_jpeg(data))
    return b"".join(_png(data)) if media_type == "image/png" else data


def _png(data: bytes) -> Iterator[bytes]:
    yield data[:_PNG_HEAD]
    at, name = _PNG_HEAD, b""
    while name != b"IEND":
        head = data[at : at + 8]
        end = at + 12 + int.from_bytes(head[:4])
        if len(head) < 8 or end > len(data) or (at == _PNG_HEAD and head != b"\0\0\0\x0dIHDR"):
            raise Damaged
        name = head[4:]
        if name == b"IHDR":
            _not_too_large(*struct.unpack_from(">II", data, at + 8))
        if name in _SHOWN:
            yield data[at:end]
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    """What stands behind the end of the picture is left out with the rest: often a second one, with a place of its own."""
    yield data[:2]
    at = 2
    while True:
        at, marker = _marker(data, at)
        if marker == _END:
            yield b"\xff\xd9"
            return
        end = at + int.from_bytes(data[at : at + 2])
        if marker == _START or end < at + 2 or end > len(data):
            raise Damaged
        part = data[at + 2 : end]
        if marker in _SIZES:
            if len(part) < 5:
                raise Damaged
            _not_too_large(*struct.unpack_from(">HH", part, 1))
        if marker == _EXIF:
            yield _upright(part)
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE) or _is_colour(marker, part):
            yield b"\xff" + bytes([marker]) + data[at:end]
        at = end
        if marker == _SCAN:
            after = _AFTER_A_SCAN.search(data, at)
            if after is None:
                raise Damaged
            yield data[at : after.start()]
            at = after.start()


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Where the part begins that the next marker announces, and which marker it is; it may be filled up with 0xFF."""
    found = _MARKER.match(data, at)
    if found is None:
        raise Damaged
    return found.end(), found[1][0]


def _is_colour(marker: int, part: bytes) -> bool:
    return part.startswith(_COLOURS.get(marker, b"\0\0none"))


def _upright(exif: bytes) -> bytes:
    """A note that says nothing but which way up the picture is held; empty when it is held upright."""
    held = _orientation(exif.removeprefix(b"Exif\0\0"))
    if not 2 <= held <= 8:
        return b""
    note = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, held, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note


def _orientation(tiff: bytes) -> int:
    """As the first list of the camera's notes tells it; 0 when it does not, or cannot be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return 0
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
            if (tag, kind) == (_ORIENTATION, 3):
                return int(value)
    except struct.error:
        return 0
    return 0


def _not_too_large(width: int, height: int) -> None:
    if width * height > LARGEST:
        raise TooLarge
