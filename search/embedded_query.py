"""From a plan to Tantivy's queries. Pure: nothing here reads an index."""

from __future__ import annotations

from tantivy import FieldType, Occur, Query, Schema

from search.fields import BODY, SPELLING, WRITTEN, Order
from search.plan import Between, Condition, Match, OneOf, Wanted
from search.record import LIVE
from search.scoring import Scored, finding, raising

FEW = 32
"""Values that are looked up as they are met; of more, Tantivy gathers the listings of all beforehand."""


def asked(wanted: Wanted, of: Schema) -> Query:
    """All that is wanted, scored."""
    return _all(matching(wanted.match, of), wanted, of, but="")


def counted(wanted: Wanted, of: Schema, *, but: str = "") -> Query:
    """The same listings, unscored; `but` names a facet whose own conditions are not to hold."""
    return _all(finding_only(wanted.match, of), wanted, of, but=but)


def _all(words: Query, wanted: Wanted, of: Schema, *, but: str) -> Query:
    held = [each for facet, conditions in wanted.conditions.items() if facet != but for each in conditions]
    clauses = [(Occur.Must, words), *((Occur.Must, unscored(each, of)) for each in held)]
    clauses.extend((Occur.MustNot, unscored(condition, of)) for condition in wanted.without)
    return Query.boolean_query(clauses) if len(clauses) > 1 else words


def beginning_after(query: Query, order: Order, place: int, of: Schema) -> Query:
    """The same, without the listings that stand before or at a place in the order of a field."""
    low, high = (None, place) if order.descending else (place, None)
    later = Query.range_query(
        of, order.field, FieldType.Unsigned, low, high, include_lower=low is None, include_upper=high is None
    )
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(later, 0.0))])


def matching(match: Match, of: Schema) -> Query:
    """The words. Without any, every listing; what was removed has no words and so never answers otherwise."""
    if not match:
        return Query.const_score_query(Query.term_query(of, "state", LIVE, "basic"), 0.0)
    if match.near:
        return _near(match, of)
    raised = [(Occur.Should, _scored(each, of)) for each in raising(match)]
    return Query.boolean_query([(Occur.Must, finding_only(match, of)), *raised])


def finding_only(match: Match, of: Schema) -> Query:
    """The words as far as they decide whether a listing is found."""
    if not match or match.near:
        return matching(match, of)
    clauses = [(Occur.Must, _phrase(phrase, of)) for phrase in match.phrases]
    clauses += [(Occur.Must, unscored(OneOf(WRITTEN.name, (each,)), of)) for each in match.exact]
    found = [(Occur.Should, _scored(each, of)) for each in finding(match)]
    if match.written:
        found.append((Occur.Should, unscored(OneOf(WRITTEN.name, match.written), of)))
    if found := [*found, *((Occur.Should, _spoken(*each, of)) for each in match.translations)]:
        clauses.append((Occur.Must, Query.boolean_query(found)))
    return Query.boolean_query(clauses)


def _spoken(language: str, match: Match, of: Schema) -> Query:
    """The words of a translation, in listings that speak its language."""
    speaks = unscored(OneOf("language", (language,)), of)
    return Query.boolean_query([(Occur.Must, matching(match, of)), (Occur.Must, speaks)])


def unscored(condition: Condition, of: Schema) -> Query:
    """A condition, which listings meet or not: it adds nothing to a score."""
    return Query.const_score_query(_condition(condition, of), 0.0)


def _condition(condition: Condition, of: Schema) -> Query:
    match condition:
        case OneOf(_, ()):
            return Query.empty_query()
        case OneOf(field, values) if len(values) <= FEW:
            return Query.boolean_query(
                [(Occur.Should, Query.term_query(of, field, each, "basic")) for each in values]
            )
        case OneOf(field, values):
            return Query.term_set_query(of, field, list(values))
        case Between(_, None, None):
            return Query.all_query()
        case Between(field, low, high):
            return Query.range_query(of, field, FieldType.Unsigned, low, high)


def _scored(scored: Scored, of: Schema) -> Query:
    return Query.boost_query(Query.term_query(of, scored.field, scored.text, "freq"), scored.boost)


def _phrase(words: tuple[str, ...], of: Schema) -> Query:
    if len(words) == 1:
        return Query.term_query(of, BODY.name, words[0], "freq")
    return Query.phrase_query(of, BODY.name, list(words))


def _near(match: Match, of: Schema) -> Query:
    fields = (BODY.name, SPELLING.name)
    near = [Query.fuzzy_term_query(of, field, match.near, distance=match.distance) for field in fields]
    return Query.boolean_query([(Occur.Should, query) for query in near])
