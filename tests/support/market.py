"""Listings for tests that are not about how a listing is posted: public at once, in one transaction."""

from __future__ import annotations

from marketplace.followers import followers
from marketplace.readers import drain
from marketplace.runtime import Runtime
from marketplace.services import owners
from marketplace.services.bulk import Item, post_many
from marketplace.services.policy import SYSTEM
from marketplace.work import begin
from vocabulary.listing import Content, Kind, Text


def content(
    kind: Kind, title: str, description: str = "", *, language: str = "vi", **more: object
) -> Content:
    """A listing that says just this."""
    texts = {language: Text(title=title, description=description or title)}
    return Content(kind, language, texts).revised(**more)


def publish(
    runtime: Runtime, *contents: Content, owner: str = "Viện Thử nghiệm", start: int = 0
) -> list[str]:
    """Make these listings public; their uids in order."""
    items = [
        Item(f"{owner}-{place}", f"{place}:{one}", one) for place, one in enumerate(contents, start=start)
    ]
    with begin(runtime) as work:
        organisation = owners.find_or_create(work, owner)
        outcomes = post_many(work, SYSTEM, organisation.id, items, publish=True)
    assert [outcome.result for outcome in outcomes] == ["created"] * len(items), outcomes
    return [outcome.uid for outcome in outcomes]


def settle(runtime: Runtime) -> None:
    """Let every reader of the feed catch up."""
    drain(followers(runtime))
