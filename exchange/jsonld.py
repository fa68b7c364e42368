"""JSON-LD that somebody else has written, as nodes with full names: bounded, and nothing is ever fetched for it.

Only the shapes in which catalogues are served are read: arrays, `@graph`, nodes inside nodes, compact or full names, and
an `@context` that stands in the document. One that stands elsewhere is named, not read; in its place the prefixes count
that everybody uses, and the words which `words` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

from exchange.problems import Refused
from exchange.reading import read_json

MOST_BYTES = 16 * 1024 * 1024
MOST_VALUES = 500_000
DEEPEST = 40
LONGEST_ADDRESS = 2_000
MOST_TERMS = 2_000
"""Of all contexts of a document together."""
PREFIXES: Mapping[str, str] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
VOCABULARIES: Mapping[str, str] = {"schema.org": "http://schema.org/"}
"""What a context elsewhere is known to say of all words that have no other name: part of its address -> vocabulary."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9-]{1,30})?|@none")


@dataclass(frozen=True, slots=True)
class Value:
    """What a node says: a text with the language it names or nothing. `address` is the full name of what it may name,
    empty when it can be nothing but a text."""

    text: str
    language: str = ""
    address: str = ""


@dataclass(slots=True)
class Node:
    """`name` is its address, or one of this document alone that begins with `_:`."""

    name: str
    types: set[str] = field(default_factory=set)
    said: dict[str, list[Value]] = field(default_factory=dict)

    def all(self, name: str) -> list[Value]:
        return self.said.get(name, [])


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: Mapping[str, Node]
    elsewhere: tuple[str, ...]
    """Contexts that are not in the document."""

    def of(self, *types: str) -> Iterator[Node]:
        return (node for node in self.nodes.values() if node.types.intersection(types))

    def named(self, value: Value) -> Node | None:
        """The node of that name, if the document has it."""
        return self.nodes.get(value.address)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the short names of a part of the document stand for."""

    terms: Mapping[str, str]
    words: Mapping[str, str]
    base: str
    vocabulary: str = ""
    language: str = ""

    def property(self, said: str) -> str:
        """The full name of a property or a type, a keyword, or the word itself."""
        for _ in range(3):
            said = self.terms.get(said, said)
        if ":" in said or said.startswith("@"):
            return self._long(said)
        return self.vocabulary + said if self.vocabulary else self.words.get(said, said)

    def text(self, said: str) -> Value:
        """Of a text alone one cannot tell whether it is an address, when its context is elsewhere."""
        alike = (":" in said or said.startswith("/")) and len(said) < LONGEST_ADDRESS and " " not in said
        return Value(said, self.language, self.address(said) if alike else "")

    def address(self, said: str) -> str:
        full = self._long(said)
        if full.startswith("_:"):
            return full
        try:
            return urljoin(self.base, full)
        except ValueError:
            return full

    def _long(self, said: str) -> str:
        prefix, colon, rest = said.partition(":")
        if not colon or rest.startswith("//") or prefix == "_":
            return said
        start = self.terms.get(prefix) or PREFIXES.get(prefix)
        return start + rest if start else said


def read_graph(raw: bytes, *, base: str, words: Mapping[str, str]) -> Graph:
    """The nodes of a document in UTF-8 that stood at `base`.

    Raises `Refused`: `too_large`, or `malformed` with a sentence.
    """
    if len(raw) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES} bytes of JSON-LD", max_bytes=MOST_BYTES)
    document = read_json(raw.removeprefix(b"\xef\xbb\xbf"), most=MOST_VALUES)
    if not isinstance(document, dict | list):
        raise Refused("malformed", "the answer is neither an object nor an array of JSON-LD")
    reader = _Reader()
    reader.read(document, _Names({}, words, base), 0)
    return Graph(reader.nodes, tuple(reader.elsewhere))


class _Reader:
    """Puts the nodes together, wherever in the document they stand; one that stands twice says both."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.elsewhere: dict[str, None] = {}
        self._unnamed = 0
        self._terms = 0

    def read(self, value: Any, names: _Names, depth: int) -> list[Value]:
        """What a value says where it stands, and in passing all nodes inside it."""
        if depth > DEEPEST:
            raise Refused("malformed", f"JSON-LD deeper than {DEEPEST} levels")
        if isinstance(value, list):
            return [found for one in value for found in self.read(one, names, depth + 1)]
        if isinstance(value, dict):
            return self._object(value, names, depth)
        if isinstance(value, str):
            return [names.text(value)]
        return [] if value is None else [Value(str(value))]

    def _object(self, said: dict[str, Any], names: _Names, depth: int) -> list[Value]:
        names = self._within(names, said.get("@context"), 0)
        members: dict[str, list[Any]] = {}
        for key, value in said.items():
            members.setdefault(names.property(key), []).append(value)
        if "@value" in members:
            return _literal(members, names)
        if said and all(key not in names.terms and _LANGUAGE.fullmatch(key) for key in said):
            return [
                replace(one, language=language)
                for language, value in said.items()
                for one in self.read(value, names, depth + 1)
            ]
        inside = [value for key in ("@list", "@set") for value in members.get(key, ())]
        if inside:
            return self.read(inside, names, depth + 1)
        for key in ("@graph", "@included"):
            self.read(members.get(key, []), names, depth + 1)
        return self._node(members, names, depth)

    def _node(self, members: Mapping[str, Sequence[Any]], names: _Names, depth: int) -> list[Value]:
        said = {key: values for key, values in members.items() if not key.startswith("@")}
        written = next((one for one in members.get("@id", ()) if isinstance(one, str)), "")
        types = [
            names.property(one.text) for one in self.read(list(members.get("@type", ())), names, depth + 1)
        ]
        if not written and not said and not types:
            return []
        self._unnamed += not written
        name = names.address(written) if written else f"_:unnamed-{self._unnamed}"
        if said or types:
            node = self.nodes.setdefault(name, Node(name))
            node.types.update(types)
            for key, values in said.items():
                node.said.setdefault(key, []).extend(self.read(list(values), names, depth + 1))
        return [Value(name, address=name)]

    def _within(self, names: _Names, context: Any, depth: int) -> _Names:
        """The names that count where this context stands."""
        if depth > DEEPEST:
            raise Refused("malformed", f"contexts deeper than {DEEPEST} levels")
        if isinstance(context, list):
            for one in context:
                names = self._within(names, one, depth + 1)
        elif isinstance(context, str):
            self.elsewhere[context[:200]] = None
            known = next((one for part, one in VOCABULARIES.items() if part in context), "")
            names = replace(names, vocabulary=known or names.vocabulary)
        elif isinstance(context, dict):
            names = self._defined(names, context)
        return names

    def _defined(self, names: _Names, context: dict[str, Any]) -> _Names:
        own = {}
        for term, said in context.items():
            target = said.get("@id") if isinstance(said, dict) else said
            if isinstance(target, str) and not term.startswith("@"):
                own[term] = target
        self._terms += len(own) + len(names.terms)
        if self._terms > MOST_VALUES or len(own) > MOST_TERMS:
            raise Refused("too_large", f"an @context of more than {MOST_TERMS} terms, or too many of them")
        base, vocabulary = context.get("@base"), context.get("@vocab")
        language = context.get("@language", names.language)
        return _Names(
            {**names.terms, **own} if own else names.terms,
            names.words,
            names.address(base) if isinstance(base, str) else names.base,
            vocabulary if isinstance(vocabulary, str) else names.vocabulary,
            language if isinstance(language, str) else "",
        )


def _literal(members: Mapping[str, Sequence[Any]], names: _Names) -> list[Value]:
    said, language = members["@value"][0], next(iter(members.get("@language", ())), "")
    if isinstance(said, dict | list) or said is None:
        return []
    text = names.text(str(said))
    return [replace(text, language=language if isinstance(language, str) else "")]
