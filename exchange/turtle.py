"""Turtle that somebody else has written, as the same nodes as those of JSON-LD: bounded, and nothing is ever fetched for it.

The grammar is read by pyoxigraph; of RDF 1.2 statements about statements are passed over. N-Triples are Turtle too.
"""

from __future__ import annotations

import re

import pyoxigraph

from exchange.jsonld import DEEPEST, MOST_BYTES, MOST_VALUES, Graph, Node, Value
from exchange.problems import Refused
from exchange.rdfxml import literal

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_BEGINS = re.compile(
    rb"""(?:\s++|\#[^\n\r]*+)*+
    (?: @prefix\b | @base\b | (?i:prefix|base)\s | _: | <> | \[\s*+\]?\s*+(?:a\s|<)
      | <(?![?!])[^\s<>:/\#]*+[:/\#][^\s<>]*+> )""",
    re.VERBOSE,
)
"""A directive, a node of this document, named or not, or an address: a tag of XML has a blank inside or none of these
signs."""
_PIECE = re.compile(
    rb'''"""(?:[^"\\]++|\\.|"(?!""))*+"""|\'\'\'(?:[^'\\]++|\\.|'(?!\'\'))*+\'\'\'
    |"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+'
    |<[^<>\s]*+>|\\.|\#[^\n\r]*+|(?P<sign>[\[\](){}])''',
    re.VERBOSE | re.DOTALL,
)
"""A text, an address, an escaped sign, a comment; or a bracket that stands in none of them."""


def is_turtle(raw: bytes) -> bool:
    """Whether these bytes begin as a document of Turtle does; neither JSON nor XML begins so."""
    return _BEGINS.match(raw[:MOST_BYTES].removeprefix(b"\xef\xbb\xbf")) is not None


def read_turtle(raw: bytes, *, base: str) -> Graph:
    """The nodes of a document in UTF-8 that stood at `base`. Raises `Refused`: `too_large`, or `malformed`."""
    if len(raw) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES} bytes of Turtle", max_bytes=MOST_BYTES)
    _refuse_depth(raw)
    nodes: dict[str, Node] = {}
    document = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        # Lenient: of an address that is none the other data sets of the page need not suffer.
        said = pyoxigraph.parse(document, pyoxigraph.RdfFormat.TURTLE, base_iri=base, lenient=True)
        for number, one in enumerate(said):
            if number >= MOST_VALUES:
                raise Refused("too_large", f"more than {MOST_VALUES} statements")
            _keep(nodes, one)
    except (SyntaxError, ValueError) as error:
        raise Refused("malformed", f"not Turtle: {str(error)[:200]}") from None
    return Graph(nodes, ())


def _keep(nodes: dict[str, Node], one: pyoxigraph.Quad) -> None:
    name, said = _name(one.subject), one.object
    if isinstance(said, pyoxigraph.Literal):
        value = literal(said.value, said.language or "")
    else:
        value = Value(_name(said), address=_name(said))
    if not name or not (value.address or value.text):
        return
    node = nodes.setdefault(name, Node(name))
    if one.predicate.value == TYPE:
        node.types.add(value.address)
    else:
        node.said.setdefault(one.predicate.value, []).append(value)


def _name(term: object) -> str:
    """Its address, or a name of this document alone; empty for a statement."""
    if isinstance(term, pyoxigraph.NamedNode):
        return term.value
    return f"_:{term.value}" if isinstance(term, pyoxigraph.BlankNode) else ""


def _refuse_depth(raw: bytes) -> None:
    """A reader that meets bracket in bracket has to remember each; and each is at least a statement."""
    if raw.count(b"[") + raw.count(b"(") <= DEEPEST:
        return
    depth = 0
    signs = (piece["sign"] for piece in _PIECE.finditer(raw) if piece["sign"] is not None)
    for number, sign in enumerate(signs):
        depth += 1 if sign in b"[({" else -1
        if depth > DEEPEST:
            raise Refused("malformed", f"Turtle deeper than {DEEPEST} levels")
        if number > 2 * MOST_VALUES:
            raise Refused("too_large", f"more than {MOST_VALUES} statements")
