"""Looking at a file before anybody else can: what it really is, whether it lies about it, and a hook for a scanner.

The type is read from the content, never from a name or a header. A scanner of viruses is asked where one is
configured (`SCANNER_URL`); the test file of the antivirus industry is always refused, so that the way can be tried.
"""

from __future__ import annotations

import io
import socket
import struct
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless test file every scanner knows (EICAR, 2003); written in two so that this file is not one itself."""

OFFICE: Mapping[str, tuple[str, str]] = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
}
SIGNED = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes an office file may unpack to: such a file of ten megabytes rarely has more than a hundred."""
MOST_MEMBERS = 5_000
LARGEST_LIST = 1024 * 1024
"""Bytes read of an office file's list of its parts."""
ACTIVE = (b"<script", b"<?php", b"<html", b"<svg", b"<!doctype html")
TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: its media type and the ending its name gets."""

    media_type: str
    ending: str


class Refused(ValueError):
    """This file is not taken; `code` is the message `problem.<code>`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def examined(data: bytes, scan: Callable[[bytes], str]) -> Kind:
    """The kind of a file, once it is known to be harmless. Raises `Refused`."""
    if EICAR in data or scan(data):
        raise Refused("upload.infected")
    for beginning, media_type, ending in SIGNED:
        if data.startswith(beginning):
            _only_one_thing(data, ending)
            return Kind(media_type, ending)
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return _text(data)


def _only_one_thing(data: bytes, ending: str) -> None:
    """A picture or document behind which a page or an archive begins is made to be taken for the other."""
    head = data[:1024].lower()
    if any(sign in head for sign in ACTIVE) or (ending != ".pdf" and zipfile.is_zipfile(io.BytesIO(data))):
        raise Refused("upload.two_things")


def _macro_enabled(data: bytes) -> bool:
    """Whether it calls any of its parts macros, under whatever name that lies in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, suppress(KeyError, zipfile.BadZipFile):
        with archive.open("[Content_Types].xml") as types:
            said = types.read(LARGEST_LIST).lower()
        return b"macroenabled" in said or b"vbaproject" in said
    return False


def _office(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError):
        raise Refused("upload.damaged") from None
    names = [one.filename for one in members]
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > LARGEST_UNPACKED:
        raise Refused("upload.unpacks_too_large")
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refused("upload.type")
    if any(name.casefold().endswith("vbaproject.bin") for name in names) or _macro_enabled(data):
        raise Refused("upload.macros")
    for folder, (media_type, ending) in OFFICE.items():
        if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
            return Kind(media_type, ending)
    raise Refused("upload.type")


def _text(data: bytes) -> Kind:
    """Plain text is taken when it is nothing but text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused("upload.type") from None
    if "\x00" in text or any(sign in data[:1024].lower() for sign in ACTIVE):
        raise Refused("upload.type")
    return Kind("text/plain; charset=utf-8", ".txt")


def open_none(url: str) -> Callable[[bytes], str]:
    """Where no scanner is configured, none finds anything."""
    return lambda data: ""


def open_clamd(url: str) -> Callable[[bytes], str]:
    """A scanner that speaks the INSTREAM command of ClamAV's daemon, at `clamd://host:port`.

    It answers with the name of what was found, or nothing. A scanner that is away lets nothing pass.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "127.0.0.1", parts.port or 3310)

    def scan(data: bytes) -> str:
        try:
            with socket.create_connection(address, timeout=TIMEOUT) as connection:
                connection.sendall(
                    b"zINSTREAM\x00" + struct.pack(">I", len(data)) + data + struct.pack(">I", 0)
                )
                answer = connection.recv(4096).decode(errors="replace").strip("\x00\n ")
        except OSError:
            raise Refused("upload.scanner_away") from None
        if answer == "stream: OK":
            return ""
        if not answer.endswith(" FOUND"):
            # It has an error of its own, or closed without a word: nothing is known of the file.
            raise Refused("upload.scanner_away")
        return answer

    return scan
