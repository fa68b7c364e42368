"""A file that somebody sends: measured and examined before it is kept anywhere."""

from __future__ import annotations

from marketplace.errors import Invalid
from marketplace.scanning import Kind, Refused, examined
from marketplace.work import Work
from vocabulary.problems import Problem

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""


def kind_of(work: Work, data: bytes) -> Kind:
    """What it is, by its content. Raises `Invalid` for what is empty, too large, infected, damaged or not taken."""
    if not data:
        raise Invalid([Problem("file", "required")])
    if len(data) > LARGEST:
        raise Invalid([Problem("file", "sealed_file.too_large", {"megabytes": str(LARGEST // 1024**2)})])
    try:
        return examined(data, work.runtime.scan)
    except Refused as refused:
        raise Invalid([Problem("file", refused.code)]) from None
