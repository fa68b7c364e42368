"""XML that somebody else has written, as a tree: bounded, and without anything that a document could define for itself.

Expat would expand entities and note a document type. Here either is refused when it is met, so that no entity is ever
expanded and no file or address ever opened; depth, elements and bytes are bounded before anything is built of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from exchange.problems import Refused

MOST_BYTES = 16 * 1024 * 1024
"""Of one document. Pages of repositories have some hundreds of records, a few kilobytes each."""
MOST_ELEMENTS = 200_000
DEEPEST = 40
SEPARATOR = " "
"""Between namespace and name; neither can hold a blank."""
LANGUAGE = f"http://www.w3.org/XML/1998/namespace{SEPARATOR}lang"


@dataclass(slots=True)
class Element:
    """`name` is its namespace, a blank and its own name; `text` what stands directly in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.attributes.get(LANGUAGE, "")

    def child(self, name: str) -> Element | None:
        return next((one for one in self.children if one.name == name), None)

    def text_of(self, name: str) -> str:
        """What the first child of this name says, without blanks around it; empty when there is none."""
        found = self.child(name)
        return found.text.strip() if found is not None else ""


def read_xml(raw: bytes, *, most: int = MOST_BYTES) -> Element:
    """The root of a document in UTF-8. Raises `Refused`: `too_large`, or `malformed` with a sentence."""
    if len(raw) > most:
        raise Refused("too_large", f"more than {most} bytes of XML", max_bytes=most)
    builder = _Builder()
    # What the document says of its own encoding is passed over: OAI-PMH is UTF-8.
    parser = expat.ParserCreate("UTF-8", SEPARATOR)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_type
    parser.EntityDeclHandler = _refuse_entity
    parser.ExternalEntityRefHandler = _refuse_entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.said
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Refused(
            "malformed", f"not XML at line {error.lineno}: {expat.ErrorString(error.code)}"
        ) from None
    if builder.root is None:
        raise Refused("malformed", "the document is empty")
    return builder.root


class _Builder:
    """Puts the tree together while the parser goes through the document."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise Refused("too_large", f"more than {MOST_ELEMENTS} elements")
        if len(self._open) >= DEEPEST:
            raise Refused("malformed", f"elements deeper than {DEEPEST} levels")
        made = Element(name, attributes)
        if self._open:
            self._open[-1][0].children.append(made)
        else:
            self.root = made
        self._open.append((made, []))

    def end(self, name: str) -> None:
        closed, parts = self._open.pop()
        closed.text = "".join(parts)

    def said(self, text: str) -> None:
        self._open[-1][1].append(text)


def _refuse_type(*_: object) -> None:
    raise Refused("malformed", "the document brings a document type (DTD) of its own, which is not read here")


def _refuse_entity(*_: object) -> int:
    raise Refused("malformed", "the document defines entities of its own, which are not read here")
