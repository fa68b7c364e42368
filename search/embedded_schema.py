"""Tantivy's schema and analysers, made of the table in `fields`."""

from __future__ import annotations

from tantivy import Document, Filter, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from search.fields import CODES, NUMBERS, PAIRS, SPELLING, TEXTS, WRITTEN
from search.record import Value

WORDS = "words"
"""The analyser of all texts: `analysis` has done the work, what is left is to split at spaces."""
STORED = ("title_text", "body_text")
LONGEST = 255  # bytes of a term


def schema() -> Schema:
    """The fields of the index."""
    builder = SchemaBuilder()
    builder.add_text_field("uid", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("state", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("version", indexed=True, fast=True, stored=True)
    builder.add_unsigned_field("fingerprint", fast=True)
    for name in STORED:
        # Bytes, for a text field cannot be kept without being indexed as well.
        builder.add_bytes_field(name, stored=True)
    for text in TEXTS:
        builder.add_text_field(text.name, tokenizer_name=WORDS, index_option="position")
    builder.add_text_field(PAIRS.name, tokenizer_name=WORDS, index_option="freq")
    for words in (SPELLING, WRITTEN):
        builder.add_text_field(words.name, tokenizer_name=WORDS, index_option="basic")
    for code in CODES:
        builder.add_text_field(code.name, tokenizer_name="raw", index_option="basic", fast=True)
    for number in NUMBERS:
        builder.add_unsigned_field(number.name, indexed=True, fast=True)
    return builder.build()


def register(index: Index) -> None:
    """Tell an opened index its analyser, which it does not keep."""
    analyser = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.remove_long(LONGEST)).build()
    index.register_tokenizer(WORDS, analyser)


def as_document(record: dict[str, Value], of: Schema) -> Document:
    """A record of the index in Tantivy's form."""
    kept = {name: text.encode() for name in STORED if isinstance(text := record.get(name), str)}
    return Document.from_dict({**record, **kept}, of)
