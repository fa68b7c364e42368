"""The shape of the records we send, as JSON Schema, for exchanges that were not built from this code.

It follows from the vocabulary, so it cannot say anything else than what is sent. What a version names once stays as it
is: names are only added, under a higher minor version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from exchange.problems import Refused
from marketplace.services.classification import layer
from marketplace.services.feed import LISTED, SCHEMA_VERSIONS
from marketplace.services.slices import PUBLIC_NAMES
from vocabulary import catalogues
from vocabulary.listing import Content

DRAFT = "https://json-schema.org/draft/2020-12/schema"
AT_HOME_ONLY = frozenset({"contact", "broker"})
"""What of a listing never leaves its home."""
SIMPLE: Mapping[object, str] = {str: "string", int: "integer", bool: "boolean"}
EDITIONS = {"type": "object", "additionalProperties": {"type": "string"}}
"""Catalogue -> the edition that codes are of."""
MOMENT = {"type": "string", "format": "date-time"}


def schema(base_url: str, kind: str, version: str) -> dict[str, Any]:
    """Of the body of such a record. Raises `Refused` (`not_found`)."""
    known = {*LISTED, layer.KIND}
    if kind not in known or version not in SCHEMA_VERSIONS:
        told = f"known here: {', '.join(sorted(known))}, version {' or '.join(SCHEMA_VERSIONS)}"
        raise Refused("not_found", told)
    added = {catalogues.MEMBER: EDITIONS} if version != SCHEMA_VERSIONS[0] else {}
    return {
        "$schema": DRAFT, "$id": f"{base_url}/sync/v1/schemas/{kind}/{version}.json", "title": f"{kind}/{version}",
        "type": "object", **(_listing(added) if kind in LISTED else _layer(added)),
    }  # fmt: skip


def _listing(added: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: {"type": "string"} for name in PUBLIC_NAMES}
    return {
        "required": ["content", "published_at", "updated_at", "expires_at"],
        "properties": {
            "content": _content(added), "published_at": MOMENT, "updated_at": MOMENT, "expires_at": MOMENT,
            "mark": {"enum": ["", "restricted", "prohibited"]}, "ground": {"type": "string"},
            "organisation": {"type": "object", "properties": names},
        },
    }  # fmt: skip


def _content(added: Mapping[str, Any]) -> dict[str, Any]:
    shape = _shape(Content)
    return {**shape, "properties": {**shape["properties"], **added}}


def _layer(added: Mapping[str, Any]) -> dict[str, Any]:
    """What the national exchange says beside a listing."""
    codes = {"type": "array", "items": {"type": "string"}}
    text = {"type": "object", "properties": {name: {"type": "string"} for name in ("title", "summary")}}
    return {
        "required": ["about", "codes", "texts", "of_rev", "of_text", "decided_at", *added],
        "properties": {
            "about": {"type": "string"}, "of_rev": {"type": "integer"}, "of_text": {"type": "string"},
            "codes": {"type": "object", "properties": dict.fromkeys(layer.CODE_LISTS, codes)},
            **added,
            "texts": {"type": "object", "additionalProperties": text}, "decided_at": MOMENT,
        },
    }  # fmt: skip


def _shape(of: Any) -> dict[str, Any]:
    """Of a type of the vocabulary. Names that are not said are left out of a record, so none is required."""
    if of in SIMPLE:
        return {"type": SIMPLE[of]}
    inside = get_args(of)
    match get_origin(of):
        case None if is_dataclass(of):
            types = get_type_hints(of)
            names = [one.name for one in fields(of) if one.name not in AT_HOME_ONLY]
            return {"type": "object", "properties": {name: _shape(types[name]) for name in names}}
        case origin if origin is Literal:
            return {"enum": list(inside)}
        case origin if origin is tuple:
            return {"type": "array", "items": _shape(inside[0])}
        case origin if origin is UnionType:
            return _shape(next(one for one in inside if one is not type(None)))
        case _:
            return {"type": "object", "additionalProperties": _shape(inside[1])}
