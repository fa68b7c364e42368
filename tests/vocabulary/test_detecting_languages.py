"""Which language a text that does not say so is in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.detecting import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cảm biến đo độ mặn cho ao nuôi tôm", "vi"),
        (unicodedata.normalize("NFD", "Cảm biến đo độ mặn"), "vi"),
        ("Thiet bi do do man cua nuoc trong ao nuoi tom, khong can dien luoi", "vi"),
        ("Máy sấy", "vi"),
        ("A sensor for the salinity of shrimp ponds", "en"),
        ("Un capteur pour la mesure de la salinité des étangs, prêt à être livré", "fr"),
        ("Un sensor para medir la salinidad de los estanques", "es"),
        ("Ein Sensor für den Salzgehalt von Teichen, der mit Solarstrom läuft", "de"),
        ("เซ็นเซอร์วัดความเค็มสำหรับบ่อกุ้ง", "th"),
        ("エビ養殖池用の塩分センサー", "ja"),
        ("用于虾塘的盐度传感器", "zh"),
        ("새우 양식장용 염분 센서", "ko"),
        ("Датчик солёности для прудов", "ru"),
        ("مستشعر ملوحة لأحواض الروبيان", "ar"),
        ("LoRa 868 MHz IP67", ""),
        ("", ""),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert detect_language(text) in {"", "vi", "en", "fr", "es", "de", "th", "ja", "zh", "ko", "ru", "ar"}
