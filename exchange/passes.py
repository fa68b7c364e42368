"""One pass through the list of a source that does not push: where it stands, and what its end proves.

A list is read page by page. A token that no longer counts is no reason to begin anew: the list goes on from the last
datestamp that was kept. And an end that names far fewer records than there were is no proof that they are gone.

An incremental pass asks only for what has changed. It says nothing of what it does not name. In a feed of changes the
cursor stands in the place of both, token and datestamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from exchange import changes
from exchange.oai_identity import Identity, written
from exchange.oai_pages import NOT_SO, NOTHING, TOKEN_LOST, Page, moment
from exchange.problems import Refused

LOST_SHARE = 0.2
"""Of the records known, beyond which a pass is not believed without a person."""
GRACE = timedelta(days=7)
PASSES = 2
"""Complete passes without an error in which a record must be missing, and for as long as `GRACE`, to be archived."""
MOST_PAGES = 50_000
WHOLE_EVERY = timedelta(days=7)
"""A whole list at least so often, also where the source says what is deleted: it may forget to."""
OVERLAP = timedelta(days=2)
"""How far an incremental pass reaches back. Many repositories make their list by night from what was changed by day, so
that a record comes into it with a datestamp of the day before; what is read twice and says the same changes nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a pass stands after the pages that were kept. `since` is the datestamp the list now read began with.

    `reached` is the latest datestamp kept. `whole`: no error was met and nothing was passed over, so that what was not
    seen is really missing. `done`: the list was read to its end. `began` is when the source answered first, by its clock.
    `paged`: all of a feed is read by pages, for it has no snapshot that can be had.
    """

    token: str = ""
    since: str = ""
    reached: str = ""
    pages: int = 0
    seen: int = 0
    whole: bool = True
    done: bool = False
    incremental: bool = False
    began: str = ""
    paged: bool = False

    @classmethod
    def starting(cls, since: str) -> Self:
        """What has changed since that datestamp is asked for; everything, when it is empty."""
        return cls(since=since, reached=since, incremental=bool(since))

    def after(self, page: Page) -> Self:
        """Having read the page that was asked for. Raises `Refused` when the list cannot be gone on with."""
        if page.error == TOKEN_LOST:
            return self._begun_again()
        if page.error == NOT_SO and self.incremental and not self.pages:
            return type(self).starting("")  # It cannot be asked so: the whole list is read instead.
        if page.error not in ("", NOTHING):
            raise Refused("malformed", f"the source answers {page.error}: {page.detail}")
        if page.token and page.token == self.token:
            raise Refused("malformed", "the source gives the token that was asked with: its list has no end")
        if self.pages >= MOST_PAGES:
            raise Refused("too_large", f"a list of more than {MOST_PAGES} pages")
        return replace(
            self,
            token=page.token,
            reached=max(self.reached, *(one.datestamp for one in page.records), ""),
            began=self.began or page.answered,
            pages=self.pages + 1,
            seen=self.seen + len(page.records),
            whole=self.whole and not page.unreadable,
            done=not page.token,
        )

    def _begun_again(self) -> Self:
        """The token has expired: the list is asked for from the last datestamp that was kept, not from its beginning."""
        if not self.token:
            raise Refused("malformed", "the source refuses a token where none was given")
        if self.since == self.reached:
            raise Refused(
                "malformed", f"the token expires again and again at {self.reached or 'the beginning'}"
            )
        return replace(self, token="", since=self.reached, whole=False)

    def read_on(self, page: changes.Page) -> Self:
        """Having read the page of a feed that was asked for. Raises `Refused` when it cannot be gone on with.

        What the feed says of its end counts where its cursor gets there; one that ends before proves nothing.
        """
        asked, stands = self.token or self.since, page.next == page.since
        if (str(page.since) != asked) if asked else page.since.seq:
            raise Refused("malformed", f"/since: the page after {asked or 'nothing'} was asked for")
        if page.next.seq > page.head_seq:
            raise Refused("malformed", "/next: is after /head_seq, the end of the feed")
        if page.more and stands:
            raise Refused("malformed", "/next: stands still, and more is said to come: the feed has no end")
        if self.pages >= MOST_PAGES:
            raise Refused("too_large", f"a feed of more than {MOST_PAGES} pages")
        ends = page.next.seq == page.head_seq
        return replace(
            self,
            token=str(page.next),
            pages=self.pages + 1,
            seen=self.seen + len(page.items),
            whole=self.whole and (ends or not stands),
            done=not page.more and (ends or stands),
        )

    def took(self, seen: int, reached: str) -> Self:
        """Having kept so many records of a snapshot; with the last of them the cursor has `reached` its place."""
        return replace(self, seen=self.seen + seen, token=reached)

    def failed(self) -> Self:
        """After an error: the same page is asked for again, but the pass no longer proves what is missing."""
        return replace(self, whole=False)

    def as_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        return cls(**record)


def next_start(progress: Progress, identity: Identity, *, begun_at: datetime) -> str:
    """The datestamp from which the pass after this one may ask; empty when it has to read the whole list.

    `begun_at` is when the pass began by our clock: the earlier of the two counts, for a clock that is wrong.
    """
    began = moment(progress.began)
    if began is None or not identity.tells_deletions:
        return ""
    return written(min(began, begun_at) - OVERLAP, identity.granularity)


def unclear(*, known: int, new: int, lost: int) -> bool:
    """Whether an incremental list changes too much to be believed alone: a source that gives all its records other ids
    looks there as one that has as many new ones."""
    return max(new, lost) > LOST_SHARE * known


def suspicious(*, known: int, seen: int, lost: int, confirmed: int = 0) -> bool:
    """Whether the end of a pass is not to be believed: nothing was listed, or more than a fifth of what is known is gone,
    and more than the `confirmed` records of which a person has said that they are."""
    if lost <= confirmed and seen + confirmed > 0:
        return False
    return seen == 0 or lost > LOST_SHARE * known
