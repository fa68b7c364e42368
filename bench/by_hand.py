"""Search written by hand against Tantivy, as the floor that the search service is measured beside.

It does for one page what has to be done, once, with nothing in between: no query language, no second engine to agree
with, no typing errors to forgive. The texts are analysed like ours, or the two would not find the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, Query, SnippetGenerator, TextAnalyzerBuilder, Tokenizer

from search.analysis import analysed
from search.document import Document

CODES = {
    "kind": lambda d: [d.kind], "field": lambda d: list(d.fields), "industry": lambda d: list(d.industries),
    "trl": lambda d: [str(level) for level in range(d.trl_min, d.trl_max + 1)],
    "transfer_form": lambda d: list(d.transfer_forms), "right": lambda d: list(d.rights),
    "province": lambda d: [d.province], "origin": lambda d: [d.origin], "language": lambda d: list(d.languages),
}  # fmt: skip
COMMON = 0.2


class ByHand:
    """One index, one kind of question."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("uid", stored=True, tokenizer_name="raw", index_option="basic")
        for name in ("title", "summary", "body"):
            builder.add_text_field(name, stored=True, tokenizer_name="folded", index_option="position")
        builder.add_text_field("pairs", tokenizer_name="spaces", index_option="freq")
        for name in CODES:
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(folder))
        folded = (
            TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold())
        )
        self.index.register_tokenizer("folded", folded.build())
        self.index.register_tokenizer("spaces", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        self.writer = self.index.writer(64_000_000, 1)

    def fill(self, documents: Sequence[Document]) -> None:
        for document in documents:
            texts = (document.title, document.summary, document.description)
            record = {name: of(document) for name, of in CODES.items()}
            record |= {"uid": document.uid, "title": texts[0], "summary": texts[1], "body": "\n".join(texts)}
            record["pairs"] = " ".join(pair for text in texts for pair in analysed(text).pairs)
            self.writer.add_document(tantivy.Document.from_dict(record, self.schema))
        self.writer.commit()
        self.index.reload()

    def search(
        self, text: str, kind: str, filters: Mapping[str, tuple[str, ...]], facets: Sequence[str]
    ) -> int:
        """A page: the total, ten listings with snippets, the facets."""
        searcher = self.index.searcher()
        words = self._words(searcher, text)
        held = {name: self._held(name, codes) for name, codes in {"kind": (kind,), **filters}.items()}
        query = self._all(words, held.values())
        result = searcher.search(query, 10)
        for name in ("title", "body"):
            snippets = SnippetGenerator.create(searcher, words, self.schema, name)
            snippets.set_max_num_chars(240)
            for _, address in result.hits:
                snippet = snippets.snippet_from_doc(searcher.doc(address))
                snippet.fragment()
                snippet.highlighted()
        open_facets = [name for name in facets if name not in filters]
        searcher.aggregate(query, {name: {"terms": {"field": name, "size": 1000}} for name in open_facets})
        for name in filters:
            others = self._all(words, [one for other, one in held.items() if other != name])
            searcher.aggregate(others, {name: {"terms": {"field": name, "size": 1000}}})
        return int(result.count)

    def _words(self, searcher: tantivy.Searcher, text: str) -> Query:
        found = analysed(text)
        asked = [(name, boost, word) for word in dict.fromkeys(found.words)
                 for name, boost in (("title", 0.15), ("summary", 0.1), ("body", 1.0))]  # fmt: skip
        asked += [("pairs", 0.5, pair) for pair in dict.fromkeys(found.pairs)]
        rare = max(COMMON * searcher.num_docs, 50)
        must, should = [], []
        for name, boost, term in asked:
            query = Query.boost_query(Query.term_query(self.schema, name, term, "freq"), boost)
            held = searcher.doc_freq("body" if name != "pairs" else name, term)
            (must if held <= rare else should).append((Occur.Should, query))
        if not must:
            return Query.boolean_query(should)
        return Query.boolean_query([(Occur.Must, Query.boolean_query(must)), *should])

    def _held(self, name: str, codes: Sequence[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self.schema, name, list(codes)), 0.0)

    def _all(self, words: Query, held) -> Query:  # type: ignore[no-untyped-def]
        return Query.boolean_query([(Occur.Must, words), *((Occur.Must, one) for one in held)])
