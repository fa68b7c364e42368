"""Bytes as an open file."""

from __future__ import annotations

import io


def stream(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))
