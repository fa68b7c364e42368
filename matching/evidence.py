"""The offer's own words beside each requirement, quoted as they stand, with the places that speak to it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from matching.answers import Finding
from matching.pair import Pair
from matching.result import Evidence
from matching.words import placed
from vocabulary.listing import Requirement

Spans = tuple[tuple[int, int], ...]


def evidence(pair: Pair) -> tuple[Evidence, ...]:
    """One Evidence for each of the demand's requirements, in their order."""
    return tuple(_quoted(pair, number, finding) for number, finding in enumerate(pair.findings))


def _quoted(pair: Pair, number: int, finding: Finding) -> Evidence:
    if finding.source is None:
        return Evidence(number, finding.judgement)
    quote = _quote(pair, finding.source)
    sought = pair.demand.asked[number].terms
    spans = [*_words(quote, sought, pair.offer.profile.language), *_figure(finding)]
    return Evidence(number, finding.judgement, quote, _joined(spans, quote))


def _quote(pair: Pair, source: int) -> str:
    offer = pair.offer.profile
    return offer.sentences[source] if source >= 0 else _line(offer.requirements[-1 - source])


def _line(row: Requirement) -> str:
    """The offer's own row as one reads it: «sai số ≤ 0,3 ‰»."""
    sign = {">=": "≥", "<=": "≤", "range": "", "text": ""}.get(row.operator, row.operator)
    return " ".join(part for part in (row.name, sign, row.value.replace("..", "–"), row.unit) if part)


def _figure(finding: Finding) -> Iterator[tuple[int, int]]:
    if finding.source is not None and finding.source >= 0 and finding.quantity is not None:
        yield finding.quantity.start, finding.quantity.end


def _words(quote: str, sought: Container[str], language: str) -> Iterator[tuple[int, int]]:
    """Where in the quote the sought words stand, in whatever form they are written there."""
    return ((start, end) for word, start, end in placed(quote, language) if word in sought)


def _joined(spans: Iterable[tuple[int, int]], quote: str) -> Spans:
    """In order, without overlap; marks with nothing but a blank between them become one.

    Beside a phrase or a figure a single word says nothing: «báo» of «dự báo» is not what was asked.
    """
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and (start <= joined[-1][1] or quote[joined[-1][1] : start].isspace()):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    phrases = [span for span in joined if not quote[slice(*span)].isalpha()]
    return tuple(phrases or joined)
