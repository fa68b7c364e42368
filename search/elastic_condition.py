"""What an operator should know of Elasticsearch: versions and names, and what was changed under our hands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from search.elastic_shelf import Shelf
from search.engine import Condition
from search.fields import INDEX_VERSION
from search.mapping import index_body

BLOCKS = ("read_only", "read_only_allow_delete", "write", "read")
CLOSED = ("true", True)


def condition(shelf: Shelf) -> Condition:
    """Raises `SearchError` when the server cannot be asked."""
    calls = shelf.calls
    version = calls(lambda client: client.info())["version"]["number"]
    serving, former = shelf.serving(), shelf.former()
    told = (
        f"Elasticsearch {version} at {calls.place}, index version {INDEX_VERSION}: {serving or 'none yet'}; "
        f"before it: {former or 'none'}; circuit {calls.breaker.state}"
    )
    if not serving:
        return Condition(told)
    held = calls(lambda client: client.indices.get(index=serving, features=["mappings", "settings"]))[serving]
    return Condition(told, (*_changed(held["mappings"]), *_blocks(held["settings"]["index"], serving)))


def _changed(found: Mapping[str, Any]) -> Iterator[str]:
    """How the mapping differs from the one we make; a listing may then be refused, or not be found."""
    wanted = index_body()["mappings"]
    mend = "it was changed by hand: run `giao reindex`"
    if found.get("dynamic") != wanted["dynamic"]:
        yield f"the mapping takes fields that nobody declared (dynamic: {found.get('dynamic', 'true')}); {mend}"
    fields, known = found.get("properties", {}), wanted["properties"]
    for name in sorted(fields.keys() | known.keys()):
        if fields.get(name) != known.get(name):
            is_now, should_be = _type(fields.get(name)), _type(known.get(name))
            yield f"the mapping has the field {name} as {is_now} instead of {should_be}; {mend}"


def _type(field: Mapping[str, Any] | None) -> str:
    if field is None:
        return "nothing"
    return " ".join(f"{value}" if name == "type" else f"{name}={value}" for name, value in field.items())


def _blocks(settings: Mapping[str, Any], index: str) -> Iterator[str]:
    held = settings.get("blocks", {})
    closed = [name for name in BLOCKS if held.get(name) in CLOSED]
    for name in closed:
        cause = (
            "the disk of the server was full" if name == "read_only_allow_delete" else "somebody closed it"
        )
        mend = f"set index.blocks.{name} of {index} to null when that is mended"
        yield f"the index is closed ({name}), for {cause}; {mend}"
