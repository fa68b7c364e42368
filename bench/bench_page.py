"""What a page of results costs beyond the service that finds them: parsing the address, labels, templates."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from marketplace.app import create_app
from marketplace.followers import catch_up
from marketplace.services import catalogue
from marketplace.web import asking
from marketplace.work import look
from tests.support.clock import HandMovedClock
from tests.support.exchanges import embedded_settings, opened
from tests.support.market import content, publish
from vocabulary.listing import Price, Right

LISTINGS = 2_000
ROUNDS = 60
QUESTION = "q=thi%E1%BA%BFt+b%E1%BB%8B+%C4%91o&province=92&province=96&trl_from=3&trl_to=9"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(embedded_settings(Path(folder)), HandMovedClock()) as runtime,
    ):
        for start in range(0, LISTINGS, 500):
            publish(runtime, *(_listing(n) for n in range(start, start + 500)), start=start)
        catch_up(runtime)
        client = create_app(runtime).test_client()
        args = MultiDict(parse_qsl(QUESTION))

        def service() -> None:
            asked = asking.read(args, kind="offer", now=runtime.clock())
            with look(runtime) as work:
                catalogue.search(work, asked.query)

        def page() -> None:
            assert client.get(f"/vi/offers?{QUESTION}").status_code == 200

        floor, whole = _cpu(service), _cpu(page)
        print(f"page of results, {LISTINGS} listings, CPU ms, median of {ROUNDS}:")
        print(
            f"  service {floor:.1f}   page {whole:.1f}   beyond the service {whole - floor:.1f} (wanted: at most 10)"
        )


def _listing(n: int):  # type: ignore[no-untyped-def]
    return content(
        "offer", f"Thiết bị đo số {n} cho dây chuyền chế biến", "Đo liên tục, truyền dữ liệu, cảnh báo sớm. " * 12,
        province=("92", "96", "79", "01")[n % 4], trl_min=n % 9 + 1, trl_max=n % 9 + 1, fields=("2.2", "4.1"),
        transfer_forms=("equipment",), rights=(Right("patent", "granted"),), price=Price(n * 1_000_000, n * 2_000_000),
    )  # fmt: skip


def _cpu(act) -> float:  # type: ignore[no-untyped-def]
    act()
    seen = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        seen.append((time.process_time() - began) * 1000)
    return statistics.median(seen)


if __name__ == "__main__":
    main()
