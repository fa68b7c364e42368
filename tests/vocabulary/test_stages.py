"""Readiness levels as people write them."""

from __future__ import annotations

import pytest

from vocabulary.problems import Unreadable
from vocabulary.stages import HIGHEST, LOWEST, STAGES, read_trl, stage


@pytest.mark.parametrize(
    ("typed", "levels"),
    [
        ("7", (7, 7)),
        ("TRL 7", (7, 7)),
        ("trl7", (7, 7)),
        ("TRL: 7", (7, 7)),
        ("mức 7", (7, 7)),
        ("7.0", (7, 7)),
        ("7/9", (7, 7)),
        ("6-9", (6, 9)),
        ("TRL 6–8", (6, 8)),
        ("TRL6-TRL8", (6, 8)),
        ("6 đến 8", (6, 8)),
        ("từ 6 đến 8", (6, 8)),
        ("6 to 8", (6, 8)),
        ("≥ 7", (7, 9)),
        ("từ 7", (7, 9)),
        ("7+", (7, 9)),
        ("tối đa 5", (1, 5)),
        ("<= TRL 5", (1, 5)),
        ("market", (9, 9)),
        ("Đã có trên thị trường", (9, 9)),
        ("da trinh dien thuc te", (6, 8)),
        ("Lab-tested", (5, 5)),
    ],
)
def test_levels_are_read(typed: str, levels: tuple[int, int]) -> None:
    assert read_trl(typed) == levels


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12", "trl.range"),
        ("0", "trl.range"),
        ("6-12", "trl.range"),
        ("9-6", "trl.reversed"),
        ("cao", "trl.unreadable"),
        ("", "trl.unreadable"),
    ],
)
def test_what_is_no_level_says_why(typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_trl(typed)
    assert (wrong.value.code, wrong.value.params) == (code, {"value": typed})


def test_every_level_belongs_to_one_stage() -> None:
    by_stage = {
        name: [level for level in range(LOWEST, HIGHEST + 1) if stage(level) == name] for name in STAGES
    }
    assert by_stage == {
        "concept": [1, 2], "development": [3, 4], "laboratory": [5], "demonstration": [6, 7, 8], "market": [9],
    }  # fmt: skip
    assert all((levels[0], levels[-1]) == STAGES[name] for name, levels in by_stage.items())
