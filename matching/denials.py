"""What a sentence denies, or only hopes for: «chưa có chứng nhận GMP» speaks about the certificate and says that there is
none; «đang xin chứng nhận GMP» that there is none yet.

Known in Vietnamese and in English, and looked for in the language of the listing and in the one its sentence seems to be
in. A denial reaches from its word to the end of the clause, some words far; where nothing but «có» or «available» follows
it, back to the beginning: «chứng nhận GMP: chưa có». What only looks like one is none: «không chỉ», not only; «không quá»,
at most; «không gian», space; «chân không», vacuum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from matching.words import placed_in
from vocabulary.detecting import detect_language
from vocabulary.text import fold

FAR = 6
"""Words a denial reaches: further on its clause is mostly about something else."""
_CLAUSE = re.compile(r"[,;.!?()\[\]–—]")


class _Taking:
    """How a language takes away from what it speaks about. `words` do it, where none of `but` follows and none of `behind`
    stands before; `ends` begin another clause; `light` have no matter of their own; `turned`, around the word, shows that
    what is taken away from stands before it; `back` takes away from its whole clause."""

    def __init__(
        self, words: str, *, ends: str, but: str = "", light: str = "", behind: str = "", turned: str = "", back: str = ""
    ) -> None:  # fmt: skip
        but, ends = f"{but}|{fold(but)}", f"{ends}|{fold(ends)}"
        before = "".join(f"(?<!{one} )" for one in [*behind.split(), *fold(behind).split()])
        unless = rf"(?!\s+(?:{but})(?!\w))" if but != "|" else ""
        forward = rf"(?<![\w-]){before}(?:{words})(?![\w-]){unless}"
        self.back = re.compile(rf"(?<![\w-])(?:{back})(?![\w-])" if back else "(?!)", re.IGNORECASE)
        self.word = re.compile(f"{forward}|{self.back.pattern}", re.IGNORECASE)
        self.reach = re.compile(
            rf"(?:[\s:]+(?!(?:{ends})(?!\w))[^\s,;:.!?()\[\]–—]+){{0,{FAR}}}", re.IGNORECASE
        )
        self.light = frozenset([*light.split(), *fold(light).split()])
        self.turned = re.compile(turned or "(?!)", re.IGNORECASE)


_ENDS = {
    "vi": "và|nhưng|mà|song|để|giúp|nhờ|khi|nếu|nên|vì|do|tuy|vẫn",
    "en": "and|but|so|when|if|which|while|because|although|however",
}


def _typed(words: str) -> str:
    """With marks or without."""
    return f"{words}|{fold(words)}"


# «Chua» without its mark is a denial before some words only: it may be «chứa», to hold.
_DENYING: Mapping[str, _Taking] = {
    "vi": _Taking(
        r"không|khong|chưa|chẳng|chua(?=\s+(?:co|dat|duoc|he)(?!\w))",
        but="chỉ|những|cần|phải|lo|ngại|quá|vượt|trên|dưới|kém|ít|thua|nhỏ|lớn|cao|thấp|hơn|ngừng|gian|khí|quân|lưu|dây|người",
        behind="chân hàng trên tay",
        ends=_ENDS["vi"],
        light="có được là đạt rõ sẵn hỗ trợ",
        turned=r"(?:không|khong|chưa|chẳng)\s+(?:được|duoc)(?!\w)",
    ),
    "en": _Taking(
        r"not|no|never|without|cannot|neither|nor|lacks?|lacking|\w+n[’']t",
        but=r"only|just|merely|less|more|fewer|over|above|below|under|exceed\w*|need\w*|requir\w*|limited|longer|later|doubt",
        ends=_ENDS["en"],
        light="yet available included supported provided offered it is have",
        turned=r"\b(?:is|are|was|were|be|been)(?:\s+not|n[’']t)\b",
    ),
}
_HOPING: Mapping[str, _Taking] = {
    "vi": _Taking(
        _typed(
            "(?:đang|còn) (?:xin|chờ|thiếu|đăng ký|hoàn thiện|làm (?:thủ tục|hồ sơ)|trong quá trình)|dự kiến|mục tiêu"
            "|phấn đấu|hướng tới|sẽ (?:có|đạt|được|hoàn thành)"
        ),
        ends=_ENDS["vi"],
        light="cấp được lại mới gia hạn phép đánh giá",
        back=_typed("hết (?:hạn|hiệu lực)|bị (?:thu hồi|từ chối|đình chỉ|hủy|huỷ)"),
    ),
    "en": _Taking(
        r"awaiting|yet to|(?:plans?|planned|planning|aims?|aiming|hopes?|hoping) (?:to|for|at)|appl(?:y|ying|ied) for"
        r"|(?:our |the )?target (?:is|of)|expected (?:in|by|to|for|next)"
        r"|will (?:have|obtain|receive|be (?:certified|available|added))",
        ends=_ENDS["en"],
        back=r"pending|in progress|under ?way|(?:is|are|was|were|has|have|been)(?: \w+)? (?:expired|lapsed|refused|rejected"
        r"|withdrawn|revoked|suspended|expected|planned)",
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
    return _denies_anything(sentence) and _takes(_DENYING, sentence, language, sought)


def has_denial(text: str, language: str) -> bool:
    """Whether anything is denied in it."""
    return any(True for _ in _reaches(_DENYING, text, _spoken(text, language)))


def hopes(sentence: str, language: str, sought: Mapping[str, int]) -> bool:
    """Whether the sentence says of the heavier part of them that it is not had yet, or no longer."""
    return _hopes_anything(sentence) and _takes(_HOPING, sentence, language, sought)


def has_hope(text: str, language: str) -> bool:
    """Whether it speaks of what is to come at all."""
    return any(True for _ in _reaches(_HOPING, text, _spoken(text, language)))


# In nearly all sentences nothing is, and a language takes longer to detect than all words for it to be looked for. Every
# requirement of every demand asks it of the same sentence, and twice.
@lru_cache(maxsize=8_192)
def _denies_anything(sentence: str) -> bool:
    return any(way.word.search(sentence) for way in _DENYING.values())


@lru_cache(maxsize=8_192)
def _hopes_anything(sentence: str) -> bool:
    return any(way.word.search(sentence) for way in _HOPING.values())


def _takes(ways: Mapping[str, _Taking], sentence: str, language: str, sought: Mapping[str, int]) -> bool:
    spoken = _spoken(sentence, language)
    reaches = list(_reaches(ways, sentence, spoken))
    said = max(
        (list(_said(sentence, one, sought)) for one in spoken),
        key=lambda found: sum(weight for _, weight in found),
    )
    spans = [_span(reach, [place for place, _ in said]) for reach in reaches]
    taken = sum(weight for place, weight in said if any(first <= place < last for first, last in spans))
    return 2 * taken > sum(weight for _, weight in said)


def _spoken(text: str, language: str) -> tuple[str, ...]:
    """The languages it may be in: a foreign name is enough for a sentence to look like another one."""
    return tuple(dict.fromkeys((language, detect_language(text) or language)))


def _said(sentence: str, language: str, sought: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Where the sought terms stand, read in this language, and what each weighs."""
    found = placed_in(sentence, language)
    for (word, start, _), following in zip_longest(found, found[1:]):
        pair = sought.get(f"{word}_{following[0]}", 0) if following else 0
        if weight := sought.get(word, 0) + pair:
            yield start, weight


def _span(reach: _Reach, places: Sequence[int]) -> tuple[int, int]:
    turned = reach.turned and any(reach.first <= place < reach.last for place in places)
    return reach.clause if reach.whole or turned else reach.first, reach.last


def _reaches(ways: Mapping[str, _Taking], text: str, spoken: Sequence[str]) -> Iterator[_Reach]:
    for way in (ways[language] for language in spoken if language in ways):
        for word in way.word.finditer(text):
            yield _reach(way, text, word)


def _reach(way: _Taking, text: str, word: re.Match[str]) -> _Reach:
    reach = way.reach.match(text, word.end())
    last = reach.end() if reach else word.end()
    after = text[word.end() : last].casefold().replace(":", " ").split()
    clauses = [0, *(one.end() for one in _CLAUSE.finditer(text, 0, word.start()))]
    back = way.back.fullmatch(word[0])
    added = _is_added(text, clauses[-1], word.start()) and way.light.issuperset(after)
    return _Reach(
        clause=clauses[-2] if added else clauses[-1],
        first=word.start(),
        last=last,
        whole=bool(back) or added or (bool(after) and way.light.issuperset(after)),
        turned=any(one.start() <= word.start() < one.end() for one in way.turned.finditer(text)),
    )


def _is_added(text: str, clause: int, place: int) -> bool:
    """Whether a clause begins with what takes away, and is itself added to the one before: «GMP (đang xin)»."""
    return clause > 0 and text[clause - 1] in "([,–—" and not text[clause:place].strip()
