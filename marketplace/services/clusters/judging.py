"""Following the feed: what is published is held against what other homes have, and what the homes answer is heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from sqlalchemy import or_, select

from exchange import candidates as rules
from exchange.candidates import Standing, State, Step
from exchange.clusters import Answer, ruling
from exchange.duplicates import Fingerprint, Likeness, cosine, likeness, normal_form
from marketplace.db import new_id
from marketplace.models.clusters import Candidate
from marketplace.services import feed
from marketplace.services.clusters import log, prints, telling
from marketplace.services.clusters.prints import Printed
from marketplace.services.feed import LISTED, Row
from marketplace.services.locks import alone
from marketplace.services.sync import decisions
from marketplace.work import Work
from vocabulary.listing import from_record

LOCK = "clusters"
"""Whoever changes groups does so alone: a group is a fold over what everybody has written."""


def follow(work: Work, rows: Sequence[Row], made: Sequence[Printed]) -> None:
    """Take in these rows of the feed; `made` are the fingerprints of the live listings among them."""
    alone(work, LOCK)
    known = prints.hashes(work, [row.uid for row in rows])
    fresh = [one for one in made if known.get(one.of.uid) != one.hash]
    gone = [row.uid for row in rows if row.kind in LISTED and not row.live and row.uid in known]
    prints.keep(work, fresh)
    prints.forget(work, gone)
    log.mint(work, (one.of.uid for one in fresh))
    changed = [*_left(work, gone), *_compared(work, fresh)]
    changed += [one for row in rows if row.kind == decisions.KIND for one in _heard(work, row)]
    settled = {one.of.uid for one in fresh} | set(gone) | {uid for one in changed for uid in (one.a, one.b)}
    log.settle(work, settled)
    telling.suggestions(work, {one.id: one for one in changed}.values())


def take(work: Work, one: Candidate, step: Step, *, actor: str, note: str = "") -> None:
    """Do what was decided about a pair: a line in the log, the new state, and the homes are asked or not."""
    if step.op is not None:
        names = " ".join(reason["name"] for reason in one.reasons)
        log.add(work, step.op, one.a, one.b, actor=actor, evidence=names, score=one.score, note=note)
    if step.asks:
        one.answers, one.asked_at = {}, work.now
    if (one.state, one.by) != (step.state, step.by):
        one.changed_at = work.now
    one.state, one.by = str(step.state), step.by
    work.session.flush()


# -- what was published or withdrawn ----------------------------------------------------------------------------------


def _left(work: Work, gone: Collection[str]) -> list[Candidate]:
    """Pairs of which one is not public any more; what was said of them goes, and may come back."""
    pairs = [one for one in _pairs(work, gone) if one.state != State.GONE] if gone else []
    for one in pairs:
        take(work, one, Step(State.GONE, one.by), actor=rules.RULE)
        one.reasons = []
    return pairs


def _compared(work: Work, fresh: Sequence[Printed]) -> list[Candidate]:
    mine = {one.of.uid: one.of for one in fresh}
    if not mine:
        return []
    known = {(one.a, one.b): one for one in _pairs(work, mine)}
    met = prints.met(work, fresh)
    pairs = {_pair(uid, other) for uid, others in met.items() for other in others} | set(known)
    everybody = prints.read(work, set(chain.from_iterable(pairs)))
    found = {
        (a, b): likeness(everybody[a], everybody[b])
        for a, b in sorted(pairs)
        if a in everybody and b in everybody
    }
    near = [pair for pair, alike in found.items() if alike.open_to_text]
    texts = _texts(work, {uid for pair in near for uid in pair}, fresh)
    for a, b in near:
        found[a, b] = likeness(everybody[a], everybody[b], cosine=cosine(texts.get(a, ""), texts.get(b, "")))
    judged = (
        _judged(work, everybody[a], everybody[b], known.get((a, b)), alike) for (a, b), alike in found.items()
    )
    return [one for one in judged if one is not None]


def _judged(
    work: Work, a: Fingerprint, b: Fingerprint, known: Candidate | None, found: Likeness
) -> Candidate | None:
    keys = rules.hard_keys(a, b)
    standing = Standing(State(known.state), known.by, known.keys) if known else None
    step = rules.judged(found, keys, standing, log.decided(work, a.uid, b.uid) if known else None)
    if step is None:
        return None
    one = known or _new(work, a.uid, b.uid)
    one.score, one.reasons, one.keys = round(found.score * 1_000), _reasons(found), keys
    take(work, one, _here(work, one, step), actor=rules.RULE)
    return one


def _here(work: Work, one: Candidate, step: Step) -> Step:
    """A record of our own has no home to ask beside us: its pairs are for our reviewers."""
    own = work.runtime.settings.node_id
    ours = own in (home(one.a), home(one.b))
    return Step(State.REVIEW, step.by, step.op, step.asks) if ours and step.state is State.OPEN else step


def _new(work: Work, a: str, b: str) -> Candidate:
    one = Candidate(
        id=new_id(), a=a, b=b, score=0, reasons=[], keys="", state=str(State.OPEN), by="", answers={},
        told_a=new_id(), told_b=new_id(), asked_at=work.now, changed_at=work.now,
    )  # fmt: skip
    work.session.add(one)
    return one


def _pairs(work: Work, uids: Collection[str]) -> list[Candidate]:
    either = or_(Candidate.a.in_(uids), Candidate.b.in_(uids))
    return list(work.session.scalars(select(Candidate).where(either)))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _texts(work: Work, uids: Collection[str], fresh: Iterable[Printed]) -> dict[str, str]:
    texts = {one.of.uid: one.text for one in fresh if one.of.uid in uids}
    others = feed.rows(work, [uid for uid in uids if uid not in texts]).values()
    said = {row.uid: prints.said(from_record(row.body["content"]).text) for row in others if row.live}
    return texts | {uid: normal_form(text) for uid, text in said.items()}


def _reasons(found: Likeness) -> list[dict[str, object]]:
    return [
        {"name": one.name, "points": round(one.points * 1_000), "mine": one.mine, "theirs": one.theirs}
        for one in found.reasons
    ]


def home(uid: str) -> str:
    return uid.partition(":")[0]


# -- what the homes answer --------------------------------------------------------------------------------------------


def _heard(work: Work, row: Row) -> list[Candidate]:
    """An answer counts when it comes from the home that was asked, to the question as it was asked last; one that is
    taken back is as if never given."""
    last = row.uid.split(":")[2]
    asked = select(Candidate).where(or_(Candidate.told_a == last, Candidate.told_b == last))
    one = work.session.scalar(asked)
    if one is None or home(one.a if one.told_a == last else one.b) != row.origin:
        return []
    if row.live and row.body["asked_at"] != telling.asked_at(one):
        return []
    answers = {at: said for at, said in one.answers.items() if at != row.origin}
    if row.live:
        said = {name: row.body[name] for name in ("answer", "by", "note")}
        answers[row.origin] = {**said, "at": work.now.isoformat(timespec="seconds")}
    if _without_time(answers) == _without_time(one.answers):
        return []
    one.answers = answers
    given = {at: Answer(said["answer"]) for at, said in answers.items()}
    means = ruling(
        given, [home(one.a), home(one.b)], asked_at=one.asked_at.timestamp(), now=work.now.timestamp()
    )
    known = Standing(State(one.state), one.by, one.keys)
    take(work, one, rules.answered(means, known), actor=rules.HOMES)
    return [one]


def _without_time(answers: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str, str]]:
    return {at: (said["answer"], said["by"], said["note"]) for at, said in answers.items()}
