"""Why Elasticsearch did not do what it was asked: which failures pass by themselves, and what to do about the others."""

from __future__ import annotations

from elasticsearch import ApiError, NotFoundError, TransportError, UnsupportedProductError

from search.engine import SearchError

PASSING = (429, 502, 503, 504)
"""Statuses of a server that is busy, or not there behind its proxy."""


class NothingThere(SearchError):
    """Elasticsearch has no index, alias or record of this name."""


def passes(error: ApiError | TransportError) -> bool:
    """Whether the same call may go well a moment later."""
    if isinstance(error, ApiError):
        return error.status_code in PASSING and not blocked(error)
    return True


def blocked(error: ApiError) -> bool:
    """Whether somebody, or a full disk, has closed the index for writing. Elasticsearch says so with 403 and 429."""
    return "cluster_block_exception" in str(error.message)


def said(error: ApiError | TransportError, place: str) -> SearchError:
    """The failure in our words. `place` is the server as people know it, without a password."""
    if isinstance(error, TransportError):
        return SearchError(f"the search engine at {place} does not answer: {error.message}")
    if _older(error):  # Before 7.14 it did not sign its answers.
        return SearchError(
            f"the Elasticsearch at {place} is older than 8: upgrade it, or name another in SEARCH_URL"
        )
    if _foreign(error):
        told = "answers, but is not Elasticsearch: correct SEARCH_URL, or the proxy in front of it"
        return SearchError(f"{place} {told} (it said {error.status_code})")
    if isinstance(error, NotFoundError):
        return NothingThere("there is no index yet")
    return SearchError(_refusal(error, place))


def _older(error: ApiError) -> bool:
    """Whether it does not know the type in which a client of this major asks: 400 since 7.11, 406 before that."""
    return any(
        told in f"{error.message} {error.body}"
        for told in ("media_type_header_exception", "compatible-with=8")
    )


def _foreign(error: ApiError) -> bool:
    """Elasticsearch signs its answers in a header; a gateway that cannot reach it does not."""
    if isinstance(error, UnsupportedProductError):
        return True
    signed = error.meta.headers.get("x-elastic-product") == "Elasticsearch"
    return not signed and error.status_code not in (401, 403, *PASSING)


def _refusal(error: ApiError, place: str) -> str:
    reason = _reason(error)
    if error.status_code == 401:
        return f"the Elasticsearch at {place} does not know the user and password in SEARCH_URL: correct them"
    if blocked(error):
        return (
            f"Elasticsearch has closed the index for writing ({reason}): free space on its disk, or lift the block "
            "by setting index.blocks.read_only and index.blocks.read_only_allow_delete to null"
        )
    if error.status_code == 403:
        return f"the user in SEARCH_URL may not do this at {place} ({reason}): give it the right to manage the index"
    return f"the search engine at {place} refused: {error.status_code} {reason}"


def _reason(error: ApiError) -> str:
    body = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if isinstance(found, dict):
        return f"{found.get('type', '')}: {found.get('reason', '')}"
    return str(found or error.message)
