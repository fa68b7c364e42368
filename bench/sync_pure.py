"""What the pure part of keeping in step costs: a comparison of a million records, and bodies made to hurt."""

from __future__ import annotations

import gzip
import time
import tracemalloc

from exchange.comparison import Compared, below, compare
from exchange.problems import Refused
from exchange.proof import Proof, ask, heard
from exchange.reading import read_json, unpack
from exchange.reconcile import Line

COMPARED = 1_000_000


def comparing() -> None:
    lines = sorted(
        Line(f"local-a:offer:{number:026d}", 1, f"sha-256:{number:064x}") for number in range(COMPARED)
    )
    for what, theirs in (
        ("equal", lines),
        ("one record differs", [*lines[:-1], Line(lines[-1].uid, 2, lines[-1].hash)]),
    ):
        began, proof, sent = time.process_time(), Proof("e1", COMPARED), 0
        while not proof.over:
            asked = ask(proof, lambda prefix: below(lines, prefix) if prefix else lines)
            answer = compare(asked, below(theirs, asked.prefix) if asked.prefix else theirs).written()
            sent += len(asked.written()) + len(answer)
            proof = heard(proof, asked, Compared.read(answer))
        spent = time.process_time() - began
        print(
            f"comparing {COMPARED:,}, {what}: {spent:.1f} s CPU for both sides (wanted 60), {sent:,} bytes (wanted 1 MB)"
        )


def hostile() -> None:
    bodies = {
        "depth": b"[" * 100_000, "keys": b"{" + b",".join(b'"k%d":1' % n for n in range(400_000)) + b"}",
        "digits": b"[" + b"9" * 5_000 + b"]", "arrays": b"[" + b"[]," * 1_300_000 + b"1]",
        "quotes": b'"' * 4_000_000, "texts": b"[" + b'"",' * 1_300_000 + b'""]',
        "escapes": b'["' + b'\\",' * 1_300_000, "quotes and commas": b'",' * 2_000_000,
        "prose": b'["' + b"a, b " * 800_000 + b'"]', "bomb": gzip.compress(bytes(64 << 20)),
    }  # fmt: skip
    for name, body in bodies.items():
        tracemalloc.start()
        began = time.process_time()
        try:
            read_json(unpack(body, encoding="gzip" if name == "bomb" else ""))
            said = "read"
        except Refused as refused:
            said = refused.problem.code
        spent, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(
            f"hostile {name}: {said}, {spent * 1_000:.0f} ms CPU, {most / (1 << 20):.1f} MiB at most (wanted 1 s, 64 MiB)"
        )
