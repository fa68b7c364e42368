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


CASES = """
F1 F2 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F15 F16 F17 F18 F19 F21 F22 F23 F25 F26 F27 F28 F30 F31 F33 F34 F35 F37
C1 C2 C3 C4 C5 C6 C7 C9 C10 C12 C14 C15 C16 C17 C18 C20 C21 C22 C23 C24 C26
A1 A2 A3 A5 A6 A8 A9 A10 A11 A12 A13 A14 A15 A17 A18 A20 A21 A22 A23 A24
I1 I2 I3 I4 I5 I6 I7 I8 I9 I10 I11 I12 I13 I14 I15 I16 I17 I18 I19 I20
"""


def test_every_fault_content_and_abuse_case_and_every_invariant_has_a_line_with_its_test() -> None:
    lines = (ROOT / "docs/exchange.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1:3] for line in lines if line.startswith("| ")]
    tried = {case for what, test in rows if "`test_" in test for case in re.findall(r"\b[FCAI]\d+\b", what)}
    assert set(CASES.split()) <= tried
