"""Every route and the action of `services.policy` that it needs. A route that is not here is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = (
    "static", "front", "health.live", "health.ready", "pages.home", "pages.terms", "pages.help",
    "catalogue.offers", "catalogue.demands", "catalogue.initiatives", "catalogue.listing",
    "matches.of_listing", "matches.pair",
)  # fmt: skip

ROUTES: Mapping[str, str] = {
    **dict.fromkeys(PUBLIC, "public.read"),
    "matches.mine": "desk.read",
    # accounts
    # organisations
    # posting, desk
    # moderation
    # imports, jobs
}
