"""What a figure in an offer's sentence is a figure of, beside what a requirement asks for.

«Tỷ lệ thu hồi vốn 80 %» begins as «tỷ lệ thu hồi nước» does and goes on otherwise: it is of another thing. What only says
how much («đạt», «trung bình», "reached") goes on as well as the figure itself.
"""

from __future__ import annotations

from functools import lru_cache

from matching.clauses import begins, ends
from matching.naming import toned
from matching.words import words
from vocabulary.text import fold, nfc, tokens

_BEHIND = 24
"""Characters behind a figure that may still name it: «9 ha/giờ khi sạ»."""
_BEGUN = {"en": 1}
"""So many words are a beginning, in Vietnamese two: «thời gian», «tỷ lệ»."""
_SAYING_HOW_MUCH = {
    "vi": frozenset(
        words(
            """là đạt được trung bình khoảng từ trên dưới không tối đa thiểu mỗi của khi sau trong ở với gồm vào tại còn chỉ
            hơn tăng giảm đến thấp cao nhỏ lớn cả và hoặc theo nhất lên xuống cuối chung tính này do những các gần qua""",
            "vi",
        )
    ),
    "en": frozenset(
        words(
            """reached reaches achieved achieves attained measured averages averaging mean typical typically approximately
            around nearly exceeds exceeding ranges within currently values level minimum maximum least best""",
            "en",
        )
    ),
}


@lru_cache(maxsize=8_192)
def is_of_another(name: str, sentence: str, language: str, start: int, end: int) -> bool:
    """Whether the figure from `start` to `end` stands behind the beginning of this name and then another word, while the
    clause lacks the name's own next one. `language` is that of the sentence."""
    marked = _is_marked(name) and _is_marked(sentence)
    wanted = _words(name, language, marked)
    said = _words(_clause(sentence, start, end), language, marked)
    if not wanted or wanted[0] not in said:
        return False
    runs = [_run(wanted, said[at:]) if word == wanted[0] else 0 for at, word in enumerate(said)]
    longest = max(runs, default=0)
    if not _BEGUN.get(language, 2) <= longest < len(wanted) or wanted[longest] in said:
        return False
    behind = [said[at + longest : at + longest + 1] for at, run in enumerate(runs) if run == longest]
    return all(one and _names(one[0], language) for one in behind)


def _names(word: str, language: str) -> bool:
    return not word[0].isdigit() and fold(word) not in _SAYING_HOW_MUCH.get(language, ())


def _run(wanted: tuple[str, ...], said: tuple[str, ...]) -> int:
    """How many words the two begin with alike."""
    both = zip(wanted, said, strict=False)
    return next(
        (count for count, (one, other) in enumerate(both) if one != other), min(len(wanted), len(said))
    )


def _clause(sentence: str, start: int, end: int) -> str:
    """The figure's clause, some characters behind it included."""
    before = len(sentence[:start].rstrip(" :="))
    return sentence[begins(sentence, before) : min(end + _BEHIND, ends(sentence, end))]


@lru_cache(maxsize=4_096)
def _is_marked(text: str) -> bool:
    return fold(text) != text.casefold()


@lru_cache(maxsize=4_096)
def _words(text: str, language: str, marked: bool) -> tuple[str, ...]:
    """With their marks where both sides write them: «đo» is not «độ»."""
    if marked and language != "en":
        return tuple(map(toned, tokens(nfc(text).casefold())))
    return tuple(words(text, language))
