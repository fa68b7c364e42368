"""Where a form leads afterwards is a path of this exchange, whatever address asked for it (CWE-601)."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import create_environ
from werkzeug.utils import redirect

from marketplace.web.request import is_own_path

PIECES = st.sampled_from(
    ["/", "//", "\\", "\t", "\n", "\r", "\0", " ", "\x7f", "\u00a0", "\u2028", "\ud800", ".", "..", ":", "@", "?", "#",
     "%09", "%2f", "[", "]", "https:", "javascript:", "evil.example", "vi", "ế"]
)  # fmt: skip
TARGETS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join), st.text(max_size=30).map("/".__add__), st.text()
)


def as_a_browser_reads(location: str) -> str:
    """What is left of an address after what the URL standard drops and takes for a slash."""
    kept = "".join(one for one in location.strip("".join(map(chr, range(33)))) if one not in "\t\n\r")
    return kept.replace("\\", "/")


@given(TARGETS)
def test_what_is_taken_for_a_path_of_ours_leads_to_no_other_host(target: str) -> None:
    if is_own_path(target):
        location = redirect(target).get_wsgi_headers(create_environ())["Location"]
        assert location.isascii()
        read = as_a_browser_reads(location)
        assert read == location
        assert read.startswith("/")
        assert not read.startswith("//")
        assert not urlsplit(read).netloc


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20), st.text("abc%=&+", max_size=20)
)
def test_every_ordinary_path_is_one_of_ours(name: str, asked: str) -> None:
    assert is_own_path(f"/vi/listings/{name}?{asked}")
