"""Templates compiled once in a test process: an application of its own for every test need not do it anew."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from marketplace.app import create_app
from marketplace.counted import Counted
from marketplace.runtime import Runtime


class Compiled(BytecodeCache):
    """Kept in memory; a template that has changed has another checksum and is compiled again."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def application(runtime: Runtime, counted: Counted | None = None) -> Flask:
    """The web application of this exchange."""
    app = create_app(runtime, counted)
    app.jinja_env.bytecode_cache = COMPILED
    return app
