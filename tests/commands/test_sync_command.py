"""`giao sync` on a local exchange, as far as it needs no other to answer."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

from exchange.envelope import digest_of
from marketplace.models.exchanges import OutBatch
from marketplace.models.peers import Outbound, Peer
from marketplace.work import begin
from tests.commands.conftest import Giao

NUMBER = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def a_batch(giao: Giao, state: str) -> None:
    """One batch that this exchange has sent to a national one which does not answer now."""
    at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    with giao.runtime() as runtime, begin(runtime) as work:
        work.session.add(Peer(node_id="national", role="national", status="active", since=at))
        work.session.flush()
        work.session.add(Outbound(node_id="national"))
        work.session.add(
            OutBatch(
                batch_id=NUMBER, peer="national", epoch="e", prev_seq=0, to_seq=1, digest=digest_of(b"{}"),
                body=gzip.compress(b"{}"), state=state, counts={"sent": 1, "applied": 1, "held": 0}, made_at=at,
            )
        )  # fmt: skip


def test_batches_are_listed_with_what_became_of_them(giao: Giao) -> None:
    assert giao.json("sync", "sent") == {"batches": []}
    a_batch(giao, "acked")
    (told,) = giao.json("sync", "sent")["batches"]
    assert (told["batch_id"], told["counts"]["applied"], told["can_be_sent"]) == (NUMBER, 1, True)
    assert (
        f"{NUMBER}  2026-11-24 08:00  acked    1 sent, 1 applied (can be sent again)"
        in giao("sync", "sent").output
    )


def test_a_batch_that_waits_for_the_national_exchange_is_no_success(giao: Giao) -> None:
    a_batch(giao, "acked")
    told = giao("sync", "replay", NUMBER, "--wait", "0")
    assert (told.exit_code, "Waits to be sent again" in told.output) == (1, True)
    assert "sent again: waits" in giao("sync", "sent").output


def test_why_a_batch_or_record_cannot_be_sent_again_is_said(giao: Giao) -> None:
    a_batch(giao, "dropped")
    told = giao("sync", "replay", NUMBER)
    assert (told.exit_code, "another has taken its place" in told.output) == (1, True)
    assert giao("sync", "replay", "test:offer:01ARZ3NDEKTSV4RRFFQ69G5FAV").exit_code == 1


# -- keys -------------------------------------------------------------------------------------------------------------


def test_the_national_key_is_followed_by_one_that_is_announced_and_then_signs(giao: Giao) -> None:
    giao.settings |= {"ROLE": "national", "NODE_ID": "national"}
    first = giao.json("sync", "key")
    assert (first["next_fingerprint"], first["days_left"]) == ("", None)
    assert giao("sync", "key").output.strip() == first["fingerprint"]
    announced = giao.json("sync", "rotate")
    assert announced["fingerprint"] == first["fingerprint"]
    assert announced["next_fingerprint"] in giao("sync", "key").output
    again = giao("sync", "rotate")
    assert (again.exit_code, "announced already" in again.output) == (1, True)
    now = giao.json("sync", "rotate", "--at-once")
    assert (now["fingerprint"], now["next_fingerprint"]) == (announced["next_fingerprint"], "")


def test_a_stolen_national_key_is_replaced_by_one_that_people_have_to_compare(giao: Giao) -> None:
    giao.settings |= {"ROLE": "national", "NODE_ID": "national"}
    giao("sync", "rotate", "--at-once")
    told = giao("sync", "rotate", "--compromised")
    assert told.exit_code == 0
    assert "giao sync pin" in told.output
    assert giao("sync", "key").output.strip() in told.output
    assert (giao.folder / "sync.key.handovers").read_text() == "[]", "nothing leads on from the stolen key"


def test_what_only_the_other_side_can_do_is_said(giao: Giao) -> None:
    assert "needs a new invitation" in giao("sync", "rotate", "--compromised").output
    assert "has not enrolled" in giao("sync", "pin", "--fingerprint", "0000").output
    assert giao("sync", "pin", "--help").exit_code == 0
