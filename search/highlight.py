"""The words of a listing that answered, marked in its own text as it was written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from search.analysis import runs, spelling, word
from search.plan import Match
from search.query import Passage
from search.scoring import halves
from vocabulary.text import blanked, fold, tokens
from vocabulary.unspaced import is_unspaced

PASSAGE = 240
"""Characters of a passage of the body, about three lines of a card."""
LEAD = PASSAGE // 4
"""Characters that may stand before the first word that answered; more would push those after it out."""
SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\n\s*")
FIELD_END = re.compile(r"(?<!\n)\n(?!\n)")
"""Fields are joined by one line break; between the paragraphs of a field there are two."""
SPACE = re.compile(r"\s+")

Span = tuple[int, int]
Marked = tuple[int, int, str]  # a span and the word of the index it holds


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is marked: words as they are indexed, words only as they are written, and pairs of unspaced characters."""

    words: Collection[str]
    written: Collection[str]
    pairs: Collection[str]

    def answer(self, token: str) -> str:
        """The word of the index by which a token answers; empty where it does not."""
        found = word(token)
        if found in self.words or (self.written and spelling(token) in self.written):
            return found
        return ""


@dataclass(frozen=True, slots=True)
class Highlighted:
    """The title as a whole and the stretch of the body that holds most of what was asked, and what `Hit.as_typed` says."""

    passages: Mapping[str, Passage]
    as_typed: Mapping[str, bool]


def highlighted(title: str, body: str, match: Match) -> Highlighted:
    """A word with other marks than were typed is marked only where the listing nowhere writes it as it was typed."""
    asked = _asked(match)
    in_title, in_body = _marked(title, asked), _marked(body, asked)
    as_typed = (
        _as_typed(match, {*_spelled(title, in_title), *_spelled(body, in_body)}) if match.as_typed else {}
    )
    said = [spelled for spelled, so in as_typed.items() if so]
    found = {"title": Passage(title, _spans(_settled(title, in_title, said)))}
    if body:
        found["body"] = _densest(body, _settled(body, in_body, said))
    return Highlighted(found, as_typed)


def _as_typed(match: Match, said: Collection[str]) -> dict[str, bool]:
    folded = set(map(fold, said))
    return {term.text: term.text in said for term in match.as_typed if fold(term.text) in folded}


def _settled(text: str, marked: Sequence[Marked], said: Collection[str]) -> Sequence[Marked]:
    """Without what differs only in its marks from what is said as it was typed."""
    if not said:
        return marked
    settled = set(map(fold, said))
    return [
        mark
        for spelled, mark in zip(_spelled(text, marked), marked, strict=True)
        if spelled in said or fold(spelled) not in settled
    ]


def _spelled(text: str, marked: Sequence[Marked]) -> list[str]:
    return [spelling(text[start:end]) for start, end, _ in marked]


def _asked(match: Match) -> _Asked:
    """Of a translation only what finds a listing: the rest may mean something else."""
    translations = [translation for _, translation in match.translations]
    words = {term.text for term in match.words} | {each for phrase in match.phrases for each in phrase}
    words |= {term.text for one in translations for term in one.words if term.telling}
    english = [one for one in translations if not one.marks]
    words |= {half for one in english for term in one.pairs if term.telling for half in halves(term.text)}
    written = {each for one in translations for each in one.marks}
    return _Asked(words, written, {term.text for one in (match, *translations) for term in one.pairs})


def _marked(text: str, asked: _Asked) -> Sequence[Marked]:
    quick = blanked(text)
    return list(_in_any_script(text, asked)) if quick is None else _between_blanks(quick, asked)


def _between_blanks(text: str, asked: _Asked) -> list[Marked]:
    """Only the tokens that answer are looked for: most of a text does not."""
    padded = f" {text} "
    found: list[Marked] = []
    for token in set(text.split()):
        if answer := asked.answer(token):
            alone, length = f" {token} ", len(token)
            at = padded.find(alone)
            while at >= 0:
                found.append((at, at + length, answer))
                at = padded.find(alone, at + length + 1)
    return sorted(found)


def _in_any_script(text: str, asked: _Asked) -> Iterator[Marked]:
    found = tokens(text)
    answers = {token: answer for token in set(found) if (answer := asked.answer(token)) or is_unspaced(token)}
    start = 0
    for token in found:
        start = text.index(token, start)
        if token in answers:
            if is_unspaced(token):
                yield from _unspaced(token, start, asked.words, asked.pairs)
            else:
                yield start, start + len(token), answers[token]
        start += len(token)


def _unspaced(token: str, start: int, wanted: Collection[str], joined: Collection[str]) -> Iterator[Marked]:
    """Characters that stand in a pair that was asked for: a single one is too common to be worth a mark."""
    for unspaced, run in runs(token):
        if not unspaced:
            if word(run) in wanted:
                yield start, start + len(run), word(run)
        elif not joined:
            yield from ((at, at + 1, one) for at, one in enumerate(run, start) if fold(one) in wanted)
        else:
            pairs = (run[at : at + 2] for at in range(len(run) - 1))
            yield from ((at, at + 2, pair) for at, pair in enumerate(pairs, start) if fold(pair) in joined)
        start += len(run)


def _densest(text: str, marked: Sequence[Marked]) -> Passage:
    """The stretch with the most different words in it, the first of several, begun at a space."""
    best = most = last = 0
    inside: dict[str, int] = {}
    for first, (start, _, leaving) in enumerate(marked):
        while last < len(marked) and marked[last][1] <= start + PASSAGE:
            entering = marked[last][2]
            inside[entering] = inside.get(entering, 0) + 1
            last += 1
        if len(inside) > most:
            best, most = start, len(inside)
        if last == first:  # A single word that is longer than a passage.
            last += 1
        elif inside[leaving] > 1:
            inside[leaving] -= 1
        else:
            del inside[leaving]
    begin, end = _stretch(text, best)
    shown = [
        (start - begin, stop - begin, word) for start, stop, word in marked if begin <= start and stop <= end
    ]
    return Passage(text[begin:end], _spans(shown))


def _stretch(text: str, around: int) -> Span:
    """A passage that holds the place, begun with a sentence or some words before it, cut between words."""
    begin = _beginning(text, around)
    end = min(len(text), begin + PASSAGE)
    # The next field may be in another language; a passage that is long enough does without it.
    if field := FIELD_END.search(text, max(begin + PASSAGE // 3, around), end):
        end = field.start()
    elif end < len(text):
        space = text.rfind(" ", begin + PASSAGE * 3 // 4, end)
        end = space if space >= 0 else end
    return begin, end


def _beginning(text: str, around: int) -> int:
    earliest = min(around - LEAD, len(text) - PASSAGE)
    if earliest <= 0:
        return 0
    for ending in (SENTENCE_END, SPACE):
        if found := ending.search(text, earliest, around):
            return found.end()
    return earliest


def _spans(marked: Collection[Marked]) -> tuple[Span, ...]:
    """Their spans, those that touch or overlap made one."""
    spans: list[Span] = []
    for start, end, _ in marked:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)
