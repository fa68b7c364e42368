"""What docs/exchange.md says is tested is a test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_case_of_the_documentation_names_tests_that_exist() -> None:
    said = set(re.findall(r"`(test_[a-z0-9_]+)`", (ROOT / "docs/exchange.md").read_text(encoding="utf-8")))
    modules = list((ROOT / "tests").rglob("test_*.py"))
    there = {path.stem for path in modules} | {
        name
        for path in modules
        for name in re.findall(r"^def (test_[a-z0-9_]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(said) > 40
    assert said <= there
