"""A real headless Chromium: skipped with its reason where there is none, required where `REQUIRE_BROWSER` says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE = 15_000  # milliseconds a step may take on a busy machine
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""As Debian names them. The shell is the same engine without the windows, which take three quarters of what tests cost."""


def chromium() -> str:
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    reason = f"needs Chromium: apt-get install {NAMES[0]}"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        expect.set_options(timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def person(
    browser: Browser, *, language: str = "vi-VN", scripts: bool = True, width: int = 1280
) -> Iterator[Page]:
    """Somebody with a browser of his own; a page that complains on its console is a failure."""
    # Without motion a page that was switched to dark is dark at once, not a tenth of a second later.
    context = browser.new_context(
        locale=language,
        java_script_enabled=scripts,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    # A 4xx answer that a test asks for is reported on the console too; what is meant here is a broken page.
    assert [text for text in complaints if "Failed to load resource" not in text] == []
