"""Pages and API: parse, call one service, dump."""

from marketplace.web.accounts import accounts
from marketplace.web.board import board
from marketplace.web.brokers import brokers
from marketplace.web.catalogue import catalogue
from marketplace.web.classifying import classifying
from marketplace.web.clusters import clusters
from marketplace.web.deals import deals
from marketplace.web.desk import desk
from marketplace.web.disclosure import disclosure
from marketplace.web.editing import editing
from marketplace.web.erasures import erasures
from marketplace.web.exchanges import exchanges
from marketplace.web.glossary import glossary
from marketplace.web.health import health
from marketplace.web.introductions import introductions
from marketplace.web.matches import matches
from marketplace.web.moderation import moderation
from marketplace.web.operations import operations
from marketplace.web.organisations import organisations
from marketplace.web.outcomes import outcomes
from marketplace.web.own_account import own_account
from marketplace.web.own_listing import own_listing
from marketplace.web.pages import pages
from marketplace.web.posting import posting
from marketplace.web.promising import promising
from marketplace.web.quality import quality
from marketplace.web.rates import rates
from marketplace.web.reports import reports
from marketplace.web.sealed import sealed
from marketplace.web.second_factor import second_factor
from marketplace.web.sources import reading
from marketplace.web.suggested import suggested
from marketplace.web.sync import sync
from marketplace.web.syncing import syncing

BLUEPRINTS = (
    accounts,
    board,
    brokers,
    catalogue,
    classifying,
    clusters,
    deals,
    desk,
    disclosure,
    editing,
    erasures,
    exchanges,
    glossary,
    health,
    introductions,
    matches,
    moderation,
    operations,
    organisations,
    outcomes,
    own_account,
    own_listing,
    pages,
    posting,
    promising,
    quality,
    rates,
    reading,
    reports,
    sealed,
    second_factor,
    suggested,
    sync,
    syncing,
)
"""Every room of the web, in no particular order."""
