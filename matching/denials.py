"""What a sentence denies: «chưa có chứng nhận GMP» speaks about the certificate and says that there is none.

Known in Vietnamese and in English. A denial reaches from its word to the end of the clause, some words far; where nothing
but «có» or «available» follows it, back to the beginning: «chứng nhận GMP: chưa có». What only looks like one is none:
«không chỉ», not only; «không quá», at most; «không gian», space; «chân không», vacuum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from matching.words import placed
from vocabulary.text import detect_language, fold

FAR = 6
"""Words a denial reaches: further on its clause is mostly about something else."""
_CLAUSE = re.compile(r"[,;.!?()\[\]–—]")


class _Denying:
    """How a language denies. `words` do it, where none of `but` follows and none of `behind` stands before; `ends` begin
    another clause; `light` have no matter of their own; `turned`, after the word or before it, shows that what is denied
    stands before it."""

    def __init__(
        self, words: str, *, but: str, ends: str, light: str, behind: str = "", turned: str = ""
    ) -> None:
        # Many type without marks. «chua» alone is no denial: it may be «chứa», to hold.
        but, ends = f"{but}|{fold(but)}", f"{ends}|{fold(ends)}"
        before = "".join(f"(?<!{one} )" for one in [*behind.split(), *fold(behind).split()])
        self.word = re.compile(
            rf"(?<![\w-]){before}(?:{words})(?![\w-])(?!\s+(?:{but})(?!\w))", re.IGNORECASE
        )
        self.reach = re.compile(
            rf"(?:[\s:]+(?!(?:{ends})(?!\w))[^\s,;:.!?()\[\]–—]+){{0,{FAR}}}", re.IGNORECASE
        )
        self.light = frozenset([*light.split(), *fold(light).split()])
        self.turned = re.compile(turned, re.IGNORECASE)


_DENYING: Mapping[str, _Denying] = {
    "vi": _Denying(
        "không|khong|chưa|chẳng",
        but="chỉ|những|cần|phải|lo|ngại|quá|vượt|dưới|kém|ít|thua|nhỏ|lớn|cao|thấp|hơn|ngừng|gian|khí|quân|lưu|dây|người",
        behind="chân hàng trên tay",
        ends="và|nhưng|mà|song|để|giúp|nhờ|khi|nếu|nên|vì|do|tuy|vẫn",
        light="có được là đạt rõ sẵn hỗ trợ",
        turned=r"(?:không|khong|chưa|chẳng)\s+(?:được|duoc)(?!\w)",
    ),
    "en": _Denying(
        r"not|no|never|without|cannot|neither|nor|lacks?|lacking|\w+n[’']t",
        but=r"only|just|merely|less|more|exceed\w*|need\w*|requir\w*|limited|longer|later|doubt",
        ends="and|but|so|when|if|which|while|because|although|however",
        light="yet available included supported provided offered it is have",
        turned=r"\b(?:is|are|was|were|be|been)(?:\s+not|n[’']t)\b",
    ),
}


class _Reach(NamedTuple):
    """A denial from its word to where it ends, and where its clause begins. `whole`: it is of the whole clause. `turned`: it
    is too, when what follows the word is asked for: «phần mềm chưa được tích hợp»."""

    clause: int
    first: int
    last: int
    whole: bool
    turned: bool


def denies(sentence: str, language: str, sought: Mapping[str, int]) -> bool:
    """Whether of the weighted terms that are sought the heavier part stands where the sentence denies."""
    # In nearly all nothing is denied, and a language takes longer to detect than both words for it to be looked for.
    if not any(denying.word.search(sentence) for denying in _DENYING.values()):
        return False
    reaches, said = list(_reaches(sentence, language)), list(_said(sentence, language, sought))
    spans = [_span(reach, [place for place, _ in said]) for reach in reaches]
    denied = sum(weight for place, weight in said if any(first <= place < last for first, last in spans))
    return 2 * denied > sum(weight for _, weight in said)


def has_denial(text: str, language: str) -> bool:
    """Whether anything is denied in it."""
    return any(True for _ in _reaches(text, language))


def _said(sentence: str, language: str, sought: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Where the sought terms stand, and what each weighs."""
    found = placed(sentence, language)
    for (word, start, _), following in zip_longest(found, found[1:]):
        pair = sought.get(f"{word}_{following[0]}", 0) if following else 0
        if weight := sought.get(word, 0) + pair:
            yield start, weight


def _span(reach: _Reach, places: Sequence[int]) -> tuple[int, int]:
    turned = reach.turned and any(reach.first <= place < reach.last for place in places)
    return reach.clause if reach.whole or turned else reach.first, reach.last


def _reaches(text: str, language: str) -> Iterator[_Reach]:
    denying = _DENYING.get(detect_language(text) or language)
    if denying is None:
        return
    for word in denying.word.finditer(text):
        reach = denying.reach.match(text, word.end())
        last = reach.end() if reach else word.end()
        after = text[word.end() : last].casefold().replace(":", " ").split()
        clauses = [one.end() for one in _CLAUSE.finditer(text, 0, word.start())]
        yield _Reach(
            clause=clauses[-1] if clauses else 0,
            first=word.start(),
            last=last,
            whole=bool(after) and denying.light.issuperset(after),
            turned=any(one.start() <= word.start() < one.end() for one in denying.turned.finditer(text)),
        )
