"""What a browser calls itself, as a person would: «Firefox», «Windows». Guessed, and only shown."""

from __future__ import annotations

from dataclasses import dataclass

# The order matters: Edge says that it is Chrome, Chrome that it is Safari, Android that it is Linux.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"), ("SamsungBrowser", "Samsung Internet"),
            ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
            ("Safari", "Safari"), ("curl", "curl"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """Either may be empty when it is not known."""

    browser: str
    system: str


def device(agent: str) -> Device:
    """Read a User-Agent header."""
    return Device(_first(BROWSERS, agent), _first(SYSTEMS, agent))


def _first(marks: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in marks if mark in agent), "")
