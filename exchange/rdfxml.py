"""RDF/XML that somebody else has written, as the same nodes as those of JSON-LD: bounded, without document types.

Read are typed nodes, nodes inside properties, property attributes, `rdf:resource`, `rdf:about`, `rdf:ID`, `rdf:nodeID`,
`xml:base`, `xml:lang` and the parse types Resource and Collection (RDF 1.1 XML Syntax). Statements about statements are
passed over; of a literal of markup its text counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from exchange.jsonld import Graph, Node, Value
from exchange.markup import LANGUAGE, SEPARATOR, Element, read_xml

RDF = f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{SEPARATOR}"
BASE = f"http://www.w3.org/XML/1998/namespace{SEPARATOR}base"
XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What counts where an element stands."""

    base: str
    language: str = ""

    def within(self, element: Element) -> _Scope:
        base = element.attributes.get(BASE)
        return _Scope(
            self.address(base) if base else self.base, element.attributes.get(LANGUAGE, self.language)
        )

    def address(self, said: str) -> str:
        try:
            return urljoin(self.base, said)
        except ValueError:
            return said


def is_xml(raw: bytes) -> bool:
    """Whether these bytes begin as a document of XML does; no JSON begins so."""
    return raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read_rdf(raw: bytes, *, base: str) -> Graph:
    """The nodes of a document in UTF-8 that stood at `base`. Raises `Refused`: `too_large`, or `malformed`."""
    root = read_xml(raw)
    reader, scope = _Reader(), _Scope(base)
    if root.name == f"{RDF}RDF":
        for element in root.children:
            reader.node(element, scope.within(root))
    else:
        reader.node(root, scope)
    return Graph(reader.nodes, ())


class _Reader:
    """Puts the nodes together; one that stands twice says both. The tree is bounded, and so is the way through it."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._unnamed = 0

    def node(self, element: Element, outer: _Scope) -> str:
        """The name of the node that this element describes."""
        scope = outer.within(element)
        node = self._named(element.attributes, scope)
        if element.name != f"{RDF}Description":
            node.types.add(_full(element.name))
        self._attributes(node, element.attributes, scope)
        for child in element.children:
            self._property(node, child, scope)
        return node.name

    def _property(self, node: Node, element: Element, outer: _Scope) -> None:
        scope = outer.within(element)
        said = [Value(name, address=name) for name in self._objects(element, scope)]
        if element.name == f"{RDF}type":
            node.types.update(one.address for one in said)
            return
        node.said.setdefault(_full(element.name), []).extend(said or [_literal(element, scope)])

    def _objects(self, element: Element, scope: _Scope) -> list[str]:
        """The names of the nodes that the property leads to; none when it says a text."""
        kind = element.attributes.get(f"{RDF}parseType")
        if kind == "Resource":
            node = self._named({}, scope)
            for child in element.children:
                self._property(node, child, scope)
            return [node.name]
        if element.children and kind in (None, "Collection"):
            return [self.node(child, scope) for child in element.children]
        own = {name: said for name, said in element.attributes.items() if _is_property(name)}
        pointed = element.attributes.keys() & {f"{RDF}resource", f"{RDF}nodeID"}
        if not (own or pointed):
            return []
        if not own:
            return [self._name(element.attributes, scope)]
        node = self._named(element.attributes, scope)
        self._attributes(node, own, scope)
        return [node.name]

    def _attributes(self, node: Node, attributes: Mapping[str, str], scope: _Scope) -> None:
        for name, said in attributes.items():
            if name == f"{RDF}type":
                node.types.add(scope.address(said))
            elif _is_property(name):
                node.said.setdefault(_full(name), []).append(literal(said, scope.language))

    def _named(self, attributes: Mapping[str, str], scope: _Scope) -> Node:
        name = self._name(attributes, scope)
        return self.nodes.setdefault(name, Node(name))

    def _name(self, attributes: Mapping[str, str], scope: _Scope) -> str:
        for name in (f"{RDF}about", f"{RDF}resource"):
            if name in attributes:
                return scope.address(attributes[name])
        if f"{RDF}ID" in attributes:
            return scope.address(f"#{attributes[f'{RDF}ID']}")
        if f"{RDF}nodeID" in attributes:
            return f"_:{attributes[f'{RDF}nodeID']}"
        self._unnamed += 1
        return f"_:unnamed {self._unnamed}"


def _is_property(name: str) -> bool:
    return SEPARATOR in name and not name.startswith((RDF, XML))


def _full(name: str) -> str:
    return name.replace(SEPARATOR, "", 1)


def _literal(element: Element, scope: _Scope) -> Value:
    parts = [element.text]
    inside = list(reversed(element.children))
    while inside:
        one = inside.pop()
        parts.append(one.text)
        inside.extend(reversed(one.children))
    return literal("".join(parts), scope.language)


def literal(said: str, language: str) -> Value:
    """A text, which is no address: those are written otherwise here. Where one was written so, it counts."""
    text = said.strip()
    alike = text.startswith(("http://", "https://")) and not any(letter.isspace() for letter in text)
    return Value(text, language, text if alike else "")
