"""A schema that was published never changes, and says what a listing has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields

import pytest

from exchange import schemas
from vocabulary.listing import Content, Text

PUBLISHED = {
    ("demand", "1.0"): "53445c340d41ccc91d6fa4f850a5e578d9611507bfa579ad0198f8be870b6ec8",
    ("initiative", "1.0"): "f7455cdab75d40574019c733487e5028a668a201b2b5a325cca346567d505745",
    ("offer", "1.0"): "bca28a2e42a6e1dbe4a178309f0689617a83755eb80e5799c46076fc08abf1fc",
}
"""A line here is added, never changed: other exchanges were built against these bytes."""


@pytest.mark.parametrize(("kind", "version"), PUBLISHED)
def test_a_published_schema_is_never_changed(kind: str, version: str) -> None:
    text = schemas.text(kind, version)
    assert text is not None
    assert hashlib.sha256(text).hexdigest() == PUBLISHED[kind, version]


@pytest.mark.parametrize("kind", ["offer", "demand", "initiative"])
def test_the_newest_schema_names_every_public_field_of_a_listing(kind: str) -> None:
    text = schemas.text(kind, "1.0")
    assert text is not None
    content = json.loads(text)["properties"]["content"]["properties"]
    assert set(content) == {one.name for one in fields(Content)} - {"contact"}
    assert set(content["texts"]["additionalProperties"]["properties"]) == {one.name for one in fields(Text)}


@pytest.mark.parametrize(
    ("kind", "version"), [("offer", "9.0"), ("../keys", "1.0"), ("offer", "1.0/.."), ("", "")]
)
def test_there_is_nothing_but_what_was_published(kind: str, version: str) -> None:
    assert schemas.text(kind, version) is None
