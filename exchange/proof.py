"""One comparison of both sides from its first question to its last difference, whatever carries the questions.

Level 0 is one digest over everything: equal sides end there, in less than a kilobyte. Else 256 buckets are compared, then
those that differ are divided again, and buckets of at most `LISTED` records are compared line by line. All the lines of
the other side then come in one answer, so there, too, must not be more than a message holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from exchange.comparison import Compared, Comparison
from exchange.reconcile import EMPTY, LISTED, WIDTHS, Difference, Line, Summary, differences, summarise

MOST_ANSWERED = 10_000
"""Lines of one answer: a third of what a message of 4 MiB holds, for a bucket may have more than its share."""

Lines = Callable[[str], Sequence[Line]]
"""Prefix of a bucket -> what this side believes to be there, in order of the ids."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked next: buckets of a level below a prefix, or all lines below it."""

    level: int
    prefix: str = ""
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """How far it has come. It is over when nothing is left to ask; the sides are equal when nothing was found.

    `ours` and `theirs` are the roots, known after the first answer.
    """

    epoch: str
    at_seq: int
    questions: tuple[Question, ...] = (Question(0),)
    found: tuple[Difference, ...] = ()
    ours: Summary = EMPTY
    theirs: Summary = EMPTY

    @property
    def over(self) -> bool:
        return not self.questions

    @property
    def equal(self) -> bool:
        return self.over and not self.found


def ask(proof: Proof, lines: Lines) -> Comparison:
    """The next message to the receiver."""
    question = proof.questions[0]
    mine = lines(question.prefix)
    asked = Comparison(proof.epoch, proof.at_seq, question.level, question.prefix)
    if question.listed:
        return replace(asked, lines=tuple(mine))
    return replace(asked, buckets=summarise(mine, level=question.level))


def heard(proof: Proof, asked: Comparison, answer: Compared) -> Proof:
    """After its answer."""
    left = proof.questions[1:]
    if asked.lines is not None:
        found = differences(asked.lines, answer.lines)
        return replace(proof, questions=left, found=(*proof.found, *found))
    places = (*answer.differ, *answer.only_missing)
    if not asked.level:
        proof = replace(proof, ours=asked.buckets.get("", EMPTY), theirs=answer.root or EMPTY)
    return replace(proof, questions=(*_next(asked, places, proof.theirs.count), *left))


def _next(asked: Comparison, places: Sequence[str], there: int) -> tuple[Question, ...]:
    """`there` is how many records the other side has in all."""
    if not places:
        return ()
    if asked.level == 0:
        few = max(asked.buckets.get("", EMPTY).count, there) <= LISTED
        return (Question(0, "", listed=True),) if few else (Question(1),)
    return tuple(_closer(asked, place, there) for place in places)


def _closer(asked: Comparison, place: str, there: int) -> Question:
    """Of a bucket that is small here most lines there are new here, so that nothing is saved by dividing it again."""
    small = asked.buckets.get(place, EMPTY).count <= LISTED
    if (small and there // 16 ** WIDTHS[asked.level] <= MOST_ANSWERED) or asked.level == len(WIDTHS) - 1:
        return Question(asked.level, place, listed=True)
    return Question(asked.level + 1, place)
