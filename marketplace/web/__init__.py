"""Pages and API: parse, call one service, dump."""

from marketplace.web.accounts import accounts
from marketplace.web.catalogue import catalogue
from marketplace.web.health import health
from marketplace.web.matches import matches
from marketplace.web.organisations import organisations
from marketplace.web.own_account import own_account
from marketplace.web.pages import pages

BLUEPRINTS = (accounts, catalogue, health, matches, organisations, own_account, pages)
"""Every room of the web, in no particular order."""
