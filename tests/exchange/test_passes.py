"""A pass through a feed that is only read: whatever is served, it ends, and proves no more than it has read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange.changes import Page
from exchange.passes import Progress
from exchange.problems import Refused
from exchange.sessions import Cursor

PLACES = st.integers(0, 6)
EPOCHS = st.sampled_from(["e", "f"])


@st.composite
def pages(draw: st.DrawFn) -> Page:
    epoch, since = draw(EPOCHS), draw(PLACES)
    following = Cursor(epoch, draw(st.integers(since, 7)))
    return Page("kho", Cursor(epoch, since), following, draw(PLACES), draw(st.booleans()))


@given(st.lists(pages(), max_size=20), st.sampled_from(["", "e.2"]))
def test_whatever_pages_are_served_a_pass_ends_and_proves_only_what_it_has_read(
    served: list[Page], since: str
) -> None:
    progress = Progress.starting(since)
    reached = Cursor.read(since).seq if since else 0
    for page in served:
        try:
            progress = progress.read_on(page)
        except Refused:
            continue
        assert page.since.seq == reached  # No page was passed over.
        advanced, reached = page.next.seq > reached, page.next.seq
        assert progress.token == str(page.next)
        assert progress.done or advanced or page.next.seq == page.head_seq
        assert not (progress.done and progress.whole) or reached == page.head_seq
        if progress.done:
            return


@given(st.integers(0, 40), st.integers(1, 7))
def test_an_honest_feed_is_read_to_its_end_page_by_page(head: int, size: int) -> None:
    progress = Progress.starting("")
    while not progress.done:
        start = Cursor.read(progress.token).seq if progress.token else 0
        end = min(start + size, head)
        progress = progress.read_on(Page("kho", Cursor("e", start), Cursor("e", end), head, end < head))
    assert (progress.token, progress.whole) == (f"e.{head}", True)
    assert progress.pages == max(1, -(-head // size))
