"""Reading a catalogue of data sets that only lets itself be read: DCAT and DCAT-AP in JSON-LD, RDF/XML or Turtle.

Each data set becomes a record in the words of Dublin Core, of which DCAT is made, and goes the way of those of OAI-PMH.
A page is read as a whole or refused as a whole; a data set without a name that lasts is counted and passed over. Where
the list goes on says the vocabulary Hydra; of that address only path and question count, never another host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from exchange.jsonld import PREFIXES, Graph, Node, Value, read_graph
from exchange.oai_pages import LONGEST_NAME, LONGEST_TOKEN, MOST_RECORDS, MOST_SAID, Harvest, Page, Said
from exchange.problems import Refused
from exchange.rdfxml import is_xml, read_rdf
from exchange.turtle import is_turtle, read_turtle
from vocabulary.links import web_address
from vocabulary.text import clean

DCAT, DCT, FOAF, HYDRA = (PREFIXES[name] for name in ("dcat", "dct", "foaf", "hydra"))
RDFS, SKOS, VCARD, ADMS = (PREFIXES[name] for name in ("rdfs", "skos", "vcard", "adms"))
DATASET, SERIES = f"{DCAT}Dataset", f"{DCAT}DatasetSeries"
CATALOGUES = (f"{DCAT}Catalog", f"{DCAT}Catalogue")
"""The second is no class, but is written."""
NEXT = (f"{HYDRA}next", f"{HYDRA}nextPage")
NAMES = (f"{FOAF}name", f"{DCT}title", f"{SKOS}prefLabel", f"{RDFS}label", f"{VCARD}fn")
"""By which something is called that a data set refers to."""
WORDS = {
    "id": "@id", "type": "@type", "Catalog": CATALOGUES[0], "Dataset": DATASET, "DatasetSeries": SERIES,
    "DatasetMemberOfADatasetSeries": DATASET, "dataset": f"{DCAT}dataset", "distribution": f"{DCAT}distribution",
    "datasetDistribution": f"{DCAT}distribution", "landingPage": f"{DCAT}landingPage", "page": f"{FOAF}page",
    "name": f"{FOAF}name", "label": f"{RDFS}label", "prefLabel": f"{SKOS}prefLabel", "releaseDate": f"{DCT}issued",
    "modificationDate": f"{DCT}modified", "next": NEXT[0], "nextPage": NEXT[1],
    **{word: DCT + word for word in (
        "title", "description", "identifier", "publisher", "creator", "issued", "modified", "language", "license",
        "rights",
    )},
}  # fmt: skip
"""Words of contexts that catalogues name and do not bring, as DCAT-AP's own -> what they stand for."""


def read_catalogue(raw: bytes, url: str) -> Page:
    """The page that stood at `url`. Raises `Refused` when this is no catalogue, or none that can be read here."""
    graph = _read(raw, url)
    found = list(graph.of(DATASET))
    if len(found) > MOST_RECORDS:
        raise Refused("too_large", f"a page of more than {MOST_RECORDS} data sets")
    token = _next(graph, url)
    missing = _undescribed(graph)
    if not found:
        _refuse_stranger(graph, missing)
    records = [_record(graph, node) for node in found]
    read = tuple(one for one in records if one is not None)
    # A page of several may name what others describe.
    unreadable = len(records) - len(read) + (0 if token or _is_part(graph) else missing)
    if token and not found:
        # Some go on for ever behind their last page. It may be a page that failed, too, so it proves nothing.
        return Page(unreadable=1)
    return Page(read, token, unreadable=unreadable)


def _read(raw: bytes, url: str) -> Graph:
    """In the form that its first letters show, for what a server says of it is often another."""
    if is_turtle(raw):
        return read_turtle(raw, base=url)
    return read_rdf(raw, base=url) if is_xml(raw) else read_graph(raw, base=url, words=WORDS)


def _refuse_stranger(graph: Graph, missing: int) -> None:
    """A page without a data set is the page of an empty catalogue, or none at all."""
    where = f"; its @context at {', '.join(graph.elsewhere)} is not fetched" if graph.elsewhere else ""
    if missing:
        raise Refused(
            "malformed", f"the catalogue names {missing} data sets and describes none of them{where}"
        )
    if not any(graph.of(*CATALOGUES)) and not _is_part(graph):
        raise Refused("malformed", f"the answer has neither a dcat:Catalog nor a dcat:Dataset{where}")


def _undescribed(graph: Graph) -> int:
    named = [value for node in graph.nodes.values() for value in node.all(f"{DCAT}dataset")]
    return sum(value.address not in graph.nodes for value in named)


def _is_part(graph: Graph) -> bool:
    return any(graph.of(f"{HYDRA}PagedCollection", f"{HYDRA}PartialCollectionView"))


def _next(graph: Graph, url: str) -> str:
    """Where the list goes on: the path and question that are said, on the host that people have approved."""
    nodes = [node for node in graph.nodes.values() if not node.types & {DATASET, SERIES}]
    said = next((one for node in nodes for name in NEXT for one in node.all(name)), None)
    if said is None or not (said.address or said.text):
        return ""
    try:
        there, here = urlsplit(urljoin(url, said.address or said.text)), urlsplit(url)
        same = there.hostname == here.hostname and there.scheme in ("http", "https")
    except ValueError:
        same = False
    if not same:
        raise Refused("malformed", "the next page is on another host than the address that was approved")
    token = urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
    if token == url:
        raise Refused("malformed", "the next page is the page itself: the list has no end")
    if len(token) > LONGEST_TOKEN or not web_address(token):
        raise Refused("malformed", "the next page has no address that can be read")
    return token


# -- one data set -----------------------------------------------------------------------------------------------------


def _record(graph: Graph, node: Node) -> Harvest | None:
    said = tuple(_said(graph, node))[:MOST_SAID]
    numbers = (one.text for one in said if one.name == "identifier")
    identifier = node.name if not node.name.startswith("_:") else next(numbers, "")
    if not identifier or len(identifier) > LONGEST_NAME or not identifier.isprintable():
        return None
    return Harvest(identifier, _datestamp(node), said=said)


def _said(graph: Graph, node: Node) -> Iterator[Said]:
    """In the words of Dublin Core. The page of a data set comes first of what identifies it."""
    titles = _texts(node, "title")
    yield from titles
    yield from _texts(node, "description")
    yield from (Said("language", one) for one in _languages(node, titles))
    for name in ("publisher", "creator"):
        yield from (Said(name, one) for one in _called(graph, node.all(DCT + name)))
    pages = (one for name in (f"{DCAT}landingPage", f"{FOAF}page") for one in node.all(name))
    addresses = [one.address or one.text for one in pages]
    own = [] if node.name.startswith("_:") else [node.name]
    written = [*filter(web_address, addresses), *_numbers(graph, node), *own]
    yield from (Said("identifier", clean(one)) for one in dict.fromkeys(written) if clean(one))
    # Not the day of the last change: some catalogues write it anew each night.
    yield from (Said("date", clean(one.text)) for one in node.all(f"{DCT}issued") if clean(one.text))
    yield from (Said("rights", one) for one in _rights(graph, node))


def _texts(node: Node, name: str) -> list[Said]:
    """Without what a machine has translated, which says so in its language tag (RFC 6497)."""
    found = [one for one in node.all(DCT + name) if "-t-" not in one.language]
    made = (Said(name, clean(one.text), _tag(one)) for one in found or node.all(DCT + name))
    return [one for one in made if one.text]


def _tag(value: Value) -> str:
    return "" if value.language == "@none" else value.language


def _languages(node: Node, titles: Iterable[Said]) -> list[str]:
    """Those of the words, where they name them: what `dct:language` says is of the data."""
    named = [one.language for one in titles if one.language]
    said = [one.address or one.text for one in node.all(f"{DCT}language")]
    return named or [one.rstrip("/").rpartition("/")[2] for one in said]


def _rights(graph: Graph, node: Node) -> Iterator[str]:
    """Of the data set, and of each form in which it is distributed: DCAT-AP has licences there."""
    forms = (graph.named(one) for one in node.all(f"{DCAT}distribution"))
    seen: dict[str, None] = {}
    for one in (node, *(form for form in forms if form is not None)):
        for name in ("license", "rights"):
            seen |= dict.fromkeys(_called(graph, one.all(DCT + name), address=True))
    yield from seen


def _called(graph: Graph, values: Iterable[Value], *, address: bool = False) -> Iterator[str]:
    """Each by its name, where the document says one, or what is no address; with `address`, by its address too."""
    for value in values:
        node = graph.named(value)
        named = [one.text for name in NAMES for one in (node.all(name) if node else [])]
        if named and clean(named[0]):
            yield clean(named[0])
        elif not value.address and clean(value.text):
            yield clean(value.text)
        if address and value.address and not value.address.startswith("_:"):
            yield clean(value.address)


def _numbers(graph: Graph, node: Node) -> Iterator[str]:
    """What its publisher calls it, and others (`adms:identifier`, which is noted in a node of its own)."""
    yield from (one.text for one in node.all(f"{DCT}identifier"))
    for value in node.all(f"{ADMS}identifier"):
        noted = graph.named(value)
        yield from (one.text for one in (noted.all(f"{SKOS}notation") if noted else [value]))


def _datestamp(node: Node) -> str:
    """When it was changed last, else when it was issued, as OAI-PMH writes a moment; empty when nothing says so."""
    for name in ("modified", "issued"):
        for value in node.all(DCT + name):
            try:
                said = datetime.fromisoformat(value.text.strip())
                moment = said.astimezone(UTC) if said.tzinfo else said
            except (ValueError, OverflowError):
                continue
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return ""
