"""What taking in costs: the processor's time a record, rows that an unchanged repetition writes, memory of a request."""

from __future__ import annotations

import gzip
import resource
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from bench.sync.making import AT_ONCE, item, items, texts
from bench.sync.receiver import GZIPPED, Receiver, Spent, receiver
from bench.sync.written import Written
from exchange.envelope import read_batch
from exchange.messages import Request
from exchange.reading import unpack
from exchange.signing import verify_request
from marketplace.services.sync import receive
from marketplace.work import begin
from tests.support.compiled import application
from tests.support.network import Wires

WANTED_MS, WANTED_MIB = 0.6, 64
MIB = 1 << 20
WATCHED = ("published", "replicas", "overlays")


def apply(count: int) -> None:
    """Through the application, from the first byte of the request to the signed receipt; then by its parts."""
    with tempfile.TemporaryDirectory() as folder, receiver(Path(folder)) as national:
        wires, records = _wires(national), items(count)
        requests = list(national.requests(records))
        began, wall = time.process_time(), time.perf_counter()
        for request in requests:
            assert wires.deliver(request).status == 200
        spent, wall = time.process_time() - began, time.perf_counter() - wall
        size = sum(len(request.body) for request in requests) / count
        print(
            f"taking in {count:,} records: {spent / count * 1_000:.3f} ms CPU a record, first byte to signed receipt "
            f"(wanted {WANTED_MS}); {count / wall:,.0f}/s, {size:.0f} B each on the wire"
        )
        written = Written(national.runtime, WATCHED)
        for request in national.requests(records, after=count):
            assert wires.deliver(request).status == 200
        print(
            f"the same again, as new batches: {written.count()} rows written in {', '.join(WATCHED)} (wanted 0)"
        )
    with tempfile.TemporaryDirectory() as folder, receiver(Path(folder)) as national:
        _by_parts(national, list(national.requests(records)), count)


def _wires(national: Receiver) -> Wires:
    return Wires({national.runtime.settings.base_url: application(national.runtime)})


def _by_parts(national: Receiver, requests: list[Request], count: int) -> None:
    spent = Spent()
    for request in requests:
        with spent.while_doing("proof"):
            verify_request(request, lambda *_: national.known, now=national.seconds)
        with spent.while_doing("unpacking and reading"):
            batch = read_batch(unpack(request.body, encoding="gzip"))
        with spent.while_doing("deciding and writing"), begin(national.runtime) as work:
            receive.take_in(work, batch, request.body, node_id="local-a", kid="k", fence="f1")
    parts = ", ".join(f"{what} {seconds / count * 1_000:.3f}" for what, seconds in spent.on.items())
    print(f"  of it: {parts} ms")


# -- whatever the body ------------------------------------------------------------------------------------------------


def memory() -> None:
    """Bodies made to hurt, and the largest honest batch, each as a signed request to the application."""
    with tempfile.TemporaryDirectory() as folder, receiver(Path(folder)) as national:
        wires = _wires(national)
        wires.deliver(next(national.requests(items(1))))  # What is loaded once belongs to no request.
        bodies = list(_bodies(national))
        before = _most_held()
        for name, request in bodies:
            tracemalloc.start()
            began = time.process_time()
            answer = wires.deliver(request)
            spent, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
            tracemalloc.stop()
            print(
                f"request of {len(request.body) / MIB:.2f} MiB, {name}: HTTP {answer.status}, {most / MIB:.1f} MiB "
                f"at most (wanted {WANTED_MIB}), {spent:.2f} s CPU while traced"
            )
        print(
            f"the process held at most {(_most_held() - before) / MIB:.0f} MiB more than before all of them"
        )


def _most_held() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _bodies(national: Receiver) -> Iterator[tuple[str, Request]]:
    four = 4_000_000
    plain = {
        "depth": b"[" * 100_000, "keys": b"{" + b",".join(b'"k%d":1' % n for n in range(290_000)) + b"}",
        "digits": b"[" + b"9" * 5_000 + b"]", "arrays": b"[" + b"[]," * 1_300_000 + b"1]",
        "quotes": b'"' * four, "empty texts": b"[" + b'"",' * 1_300_000 + b'""]',
        "escapes": b'["' + b'\\",' * 1_300_000, "quotes and commas": b'",' * (four // 2),
        "prose": b'["' + b"a, b " * 800_000 + b'"]', "objects": b"[" + b"{}," * 1_300_000 + b"1]",
        "ten megabytes": b"[" + b"1," * 5_000_000 + b"1]",
    }  # fmt: skip
    for name, body in plain.items():
        yield name, national.signed(body, *GZIPPED[:1])
    for name, packed in _packed().items():
        yield name, national.signed(packed, *GZIPPED)
    long = " ".join(texts(6))
    full = [item(place, f"{place} {long}"[:5_200]) for place in range(1, AT_ONCE + 1)]
    yield "the largest honest batch", next(national.requests(full, after=1))


def _packed() -> dict[str, bytes]:
    bomb = gzip.compress(bytes(1 << 30), 6)
    return {
        "a bomb of a gibibyte": bomb, "a bomb in a bomb": gzip.compress(bomb),
        "a bomb in members": gzip.compress(bytes(32 << 20)) * 32, "empty members": gzip.compress(b"") * 50_000,
    }  # fmt: skip
