"""From a plan to Tantivy's queries. Pure: nothing here reads an index."""

from __future__ import annotations

from tantivy import FieldType, Occur, Query, Schema

from search.fields import BODY, ORDERS, PAIRS, SPELLING, TEXTS, TextField
from search.plan import Between, Condition, Match, OneOf, Term, Wanted
from search.record import LIVE

Clause = tuple[Occur, Query]


def asked(wanted: Wanted, of: Schema, *, leaving_out: str = "") -> Query:
    """All that is wanted; `leaving_out` names a facet whose own conditions are not to hold."""
    clauses = [(Occur.Must, matching(wanted.match, of))]
    for facet, conditions in wanted.conditions.items():
        if facet != leaving_out:
            clauses.extend((Occur.Must, unscored(condition, of)) for condition in conditions)
    clauses.extend((Occur.MustNot, unscored(condition, of)) for condition in wanted.without)
    return Query.boolean_query(clauses) if len(clauses) > 1 else clauses[0][1]


def beginning_after(query: Query, wanted: Wanted, of: Schema) -> Query:
    """The same, without the listings that stand before or at the place `wanted.after` in the order of a field."""
    order, place = ORDERS[wanted.sort], int(wanted.after)
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
    clauses = [(Occur.Must, _phrase(phrase, of)) for phrase in match.phrases]
    scored = [(term, text) for term in match.words for text in TEXTS] + [
        (term, PAIRS) for term in match.pairs
    ]
    if telling := [(Occur.Should, _scored(term, text, of)) for term, text in scored if term.telling]:
        clauses.append((Occur.Must, Query.boolean_query(telling)))
    clauses.extend((Occur.Should, _scored(term, text, of)) for term, text in scored if not term.telling)
    return Query.boolean_query(clauses)


def unscored(condition: Condition, of: Schema) -> Query:
    """A condition, which listings meet or not: it adds nothing to a score."""
    return Query.const_score_query(_condition(condition, of), 0.0)


def _condition(condition: Condition, of: Schema) -> Query:
    match condition:
        case OneOf(field, values):
            return Query.term_set_query(of, field, list(values)) if values else Query.empty_query()
        case Between(_, None, None):
            return Query.all_query()
        case Between(field, low, high):
            return Query.range_query(of, field, FieldType.Unsigned, low, high)


def _scored(term: Term, text: TextField, of: Schema) -> Query:
    return Query.boost_query(Query.term_query(of, text.name, term.text, "freq"), text.boost * term.weight)


def _phrase(words: tuple[str, ...], of: Schema) -> Query:
    if len(words) == 1:
        return Query.term_query(of, BODY.name, words[0], "freq")
    return Query.phrase_query(of, BODY.name, list(words))


def _near(match: Match, of: Schema) -> Query:
    fields = (BODY.name, SPELLING.name)
    near = [Query.fuzzy_term_query(of, field, match.near, distance=match.distance) for field in fields]
    return Query.boolean_query([(Occur.Should, query) for query in near])
