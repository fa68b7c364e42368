"""A stream of bytes as lines of text. Memory stays flat, whatever stands in it."""

from __future__ import annotations

import codecs
import gzip
import io
from typing import Self

from marketplace.files.file_row import UnreadableFile
from vocabulary.problems import Problem

Content = io.BufferedReader | gzip.GzipFile

HEAD = 8_192
"""Bytes that are looked at before reading."""
LONGEST_LINE = 1_000_000
"""Bytes of one line. A record of the exchange has at most 256 KB; a longer line is no listing."""
LARGEST_CONTENT = 8 * 1024**3
"""Bytes that are read of one file: a small packed one can hold terabytes."""

SIGNATURES = {
    b"PK\x03\x04": "xlsx", b"%PDF": "pdf", b"\xd0\xcf\x11\xe0": "xls", b"\x1f\x8b": "gz",
}  # fmt: skip
"""First bytes of files that people rename to .csv -> what they really are."""


class Lines:
    """The lines of a UTF-8 file.

    A line that is too long comes empty, one with bytes that are no UTF-8 comes marred; `trouble` tells which, so
    that one bad line stops nothing.
    """

    def __init__(self, content: Content, *, most: int = LARGEST_CONTENT) -> None:
        refuse_other_content(content.peek(HEAD))
        self._content = content
        self._left = most
        self._trouble: Problem | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._content.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self._count(line)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            self._skip_the_rest()
            return ""
        try:
            return line.decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            self._trouble = Problem("", "row.encoding")
            return line.decode(errors="replace")

    def trouble(self) -> Problem | None:
        """What was wrong with the lines since somebody last asked."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def _skip_the_rest(self) -> None:
        self._trouble = Problem("", "row.too_long", {"limit": str(LONGEST_LINE)})
        while (piece := self._content.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
            self._count(piece)

    def _count(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise UnreadableFile("file.too_large", limit="8 GB")


def refuse_other_content(head: bytes) -> None:
    """Refuse by its first bytes what is no UTF-8 text. Raises `UnreadableFile`."""
    for signature, kind in SIGNATURES.items():
        if head.startswith(signature):
            raise UnreadableFile("file.disguised", kind=kind)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in head:
        raise UnreadableFile("file.encoding", encoding="UTF-16")
    try:
        # The head may end within a letter, which is no mistake of the file.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        raise UnreadableFile("file.encoding", encoding="Windows-1258") from None
