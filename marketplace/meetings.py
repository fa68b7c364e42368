"""A meeting as a calendar file (iCalendar, RFC 5545), in Vietnam's time."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

PRODUCT = "-//Giao//Deal room//VI"


def calendar(
    *, uid: str, title: str, place: str, starts_at: datetime, minutes: int, written_at: datetime, sequence: int,
    cancelled: bool,
) -> bytes:  # fmt: skip
    """One event. The same meeting keeps its `uid`; a greater `sequence` replaces what a calendar has of it."""
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", written_at)
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=minutes))
    event.add("summary", title)
    event.add("sequence", sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if place:
        event.add("location", place)
    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", "CANCEL" if cancelled else "PUBLISH")
    whole.add_component(event)
    written: bytes = whole.to_ical()
    return written
