"""In scripts without spaces runs of characters stand for words."""

from __future__ import annotations

from vocabulary.unspaced import character_runs, is_unspaced


def test_scripts_without_spaces_come_as_runs_of_characters() -> None:
    assert character_runs("盐度传感") == ["盐度", "度传", "传感"]
    assert character_runs("盐") == ["盐"]
    assert character_runs("เกลือ") == ["เกล", "กลื", "ลือ"], "two letters are no word yet"
    assert character_runs("ไฟ") == ["ไฟ"]
    assert all(map(is_unspaced, ("盐度", "センサ", "ไทย", "ລາວ", "ខ្មែរ", "မြန်မာ", "𠮷")))
    assert not any(map(is_unspaced, ("mặn", "salt", "соль", "소금", "ملح", "5")))
