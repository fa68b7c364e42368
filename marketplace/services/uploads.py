"""A file that somebody sends: measured, examined and bared of what its camera wrote, before it is kept anywhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from marketplace.errors import Invalid
from marketplace.pictures import Damaged, TooLarge, bare
from marketplace.runtime import Runtime
from marketplace.scanning import Kind, Refused, examined
from vocabulary.problems import Problem

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
LONGEST_NAME = 120
"""Characters kept of a file's name."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: what it is by its content, under a name that is safe anywhere."""

    name: str
    data: bytes
    kind: Kind


def received(runtime: Runtime, name: str, data: bytes) -> Upload:
    """Take a file, whose name and declared type are not believed.

    Before any transaction: a scanner may take ten seconds, in which nobody else shall wait for one. Raises `Invalid`
    for what is empty, too large, infected, damaged or not taken.
    """
    if not data:
        raise Invalid([Problem("file", "required")])
    if len(data) > LARGEST:
        raise Invalid([Problem("file", "sealed_file.too_large", {"megabytes": str(LARGEST // 1024**2)})])
    try:
        kind = examined(data, runtime.scan)
        return Upload(safe_name(name, kind.ending), bare(data, kind.media_type), kind)
    except Refused as refused:
        raise Invalid([Problem("file", refused.code)]) from None
    except Damaged:
        raise Invalid([Problem("file", "upload.damaged")]) from None
    except TooLarge:
        raise Invalid([Problem("file", "upload.unpacks_too_large")]) from None


def safe_name(name: str, ending: str) -> str:
    """A name to be shown and saved anywhere: no path, no control characters, the ending of its true type."""
    last = PurePath(name.replace("\\", "/")).name
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    stem = PurePath(visible).stem.strip(" .")[: LONGEST_NAME - len(ending)]
    return (stem or "file") + ending
