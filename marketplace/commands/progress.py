"""How far a long command has come: a bar in a terminal, plain lines where the output goes elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

STEP = 10
"""Percent between two plain lines."""

Show = Callable[[int, str], None]
"""Takes how much of the whole is done, and what else is to be said."""


@contextmanager
def progress(label: str, whole: int) -> Iterator[Show]:
    """Show how far something of the size `whole` is, on stderr, which may be the only thing a person watches."""
    with _bar(label, whole) if sys.stderr.isatty() else _lines(label, whole) as show:
        yield show


@contextmanager
def _bar(label: str, whole: int) -> Iterator[Show]:
    said = ""
    bar: Any
    with click.progressbar(
        length=max(whole, 1), label=label, file=sys.stderr, item_show_func=lambda _: said
    ) as bar:

        def show(done: int, more: str) -> None:
            nonlocal said
            said = more
            bar.update(done - bar.pos)

        yield show


@contextmanager
def _lines(label: str, whole: int) -> Iterator[Show]:
    last = 0

    def show(done: int, more: str) -> None:
        nonlocal last
        percent = min(done * 100 // max(whole, 1), 100)
        if percent >= last + STEP:
            last = percent - percent % STEP
            click.echo(f"{label}: {percent} %{', ' if more else ''}{more}", err=True)

    yield show
