"""Titles of patent classes: whole, and nothing of the page they were once on."""

from __future__ import annotations

import re

from vocabulary.patents import IPC

SCRAPS = re.compile(r"[\"()\[\]<>=]|[;,.]\Z|\s\s|\b[A-Z]{4}")


def test_titles_are_whole_and_without_scraps() -> None:
    assert [one for one in IPC if SCRAPS.search(one.en) or not one.en[0].isupper()] == []


def test_a_title_without_a_vietnamese_name_falls_back() -> None:
    assert IPC.label("A", "vi") == "Các nhu cầu của con người"
    assert IPC.label("A01G", "vi") == IPC.label("A01G", "en") != ""
