"""Elasticsearch's mapping and settings, made of the table in `fields`."""

from __future__ import annotations

from typing import Any

from search.fields import CODES, NUMBERS, PAIRS, SPELLING, TEXTS, WRITTEN
from search.query import LAST_NUMBERED_RESULT

WORDS = "words"
"""The analyser of all texts: `analysis` has done the work, what is left is to split at spaces."""
WINDOW = LAST_NUMBERED_RESULT + 1_000
"""Results that can be skipped and read by number; some more than are shown, to know whether there is another page."""

ANALYSED = (*(text.name for text in TEXTS), PAIRS.name, SPELLING.name, WRITTEN.name)
STORED = ("title_text", "body_text")
LENGTHS = dict.fromkeys((*(text.name for text in TEXTS), PAIRS.name, WRITTEN.name), "")
"""Fields of which Lucene keeps how long each is. A record that lacks one says that it is empty: where a single record of a
segment says nothing, the lengths of all are kept as a list, which is read from its beginning for every word and listing
that is written. 3,300 listings were made visible in 7 s that way. An empty field changes no score."""


def index_body() -> dict[str, Any]:
    """What a new index is made with: one shard, for the rarity of terms is counted by shard."""
    analyser = {"type": "custom", "tokenizer": "spaces"}
    tokenizer = {"type": "whitespace", "max_token_length": 255}
    return {
        "settings": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "max_result_window": WINDOW,
            "refresh_interval": "-1",  # Every change is made visible by the one who makes it.
            "analysis": {"analyzer": {WORDS: analyser}, "tokenizer": {"spaces": tokenizer}},
        },
        "mappings": {
            "dynamic": "strict",
            # The analysed words are not kept: a changed analysis fills a new index from the database.
            "_source": {
                "excludes": [*ANALYSED, *(code.name for code in CODES), *(one.name for one in NUMBERS)]
            },
            "properties": _properties(),
        },
    }


def _properties() -> dict[str, Any]:
    keyword, number = {"type": "keyword"}, {"type": "long"}
    return {
        "uid": keyword,
        "state": keyword,
        "version": number,
        "fingerprint": number,
        **{name: {"type": "keyword", "index": False, "doc_values": False} for name in STORED},
        **{text.name: {"type": "text", "analyzer": WORDS} for text in TEXTS},
        PAIRS.name: {"type": "text", "analyzer": WORDS, "index_options": "freqs"},
        SPELLING.name: {"type": "text", "analyzer": WORDS, "index_options": "docs", "norms": False},
        WRITTEN.name: {"type": "text", "analyzer": WORDS, "index_options": "docs"},
        **{code.name: keyword for code in CODES},
        **{one.name: number for one in NUMBERS},
    }
