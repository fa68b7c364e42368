"""Every route and the action of `services.policy` that it needs. A route that is not here is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping

ROUTES: Mapping[str, str] = {
    "static": "public.read",
    "front": "public.read",
    "health.live": "public.read",
    "health.ready": "public.read",
    "pages.home": "public.read",
    "pages.terms": "public.read",
    "pages.help": "public.read",
    # accounts
    # organisations
    # posting, desk
    # moderation
    # catalogue, matches
    # imports, jobs
}
