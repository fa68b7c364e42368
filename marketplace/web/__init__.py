"""Pages and API: parse, call one service, dump."""

from marketplace.web.health import health
from marketplace.web.pages import pages

BLUEPRINTS = (health, pages)
"""Every room of the web, in no particular order."""
