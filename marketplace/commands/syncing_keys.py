"""`giao sync key`, `rotate` and `pin`: the keys by which exchanges know each other, from a terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from marketplace import enrolling
from marketplace.commands.opening import exchange
from marketplace.commands.syncing_words import AS_JSON, tell, unrefused
from marketplace.errors import NotFound
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import own_keys, rolling_back
from marketplace.services.sync.own_keys import OwnKey
from marketplace.work import begin


@click.command()
@AS_JSON
def key(as_json: bool) -> None:
    """Show the fingerprint of the key this exchange signs with; the first time one is made."""
    with exchange() as runtime:
        shown = _own(runtime)
    text = shown.fingerprint
    if shown.next_fingerprint:
        text += f"\nfrom {_day(shown.signs_from)} on:\n{shown.next_fingerprint}"
    tell(as_json, own_keys.as_record(shown), text)


@click.command()
@click.option("--at-once", is_flag=True, help="National: sign with the new key now, not in a day.")
@click.option(
    "--compromised", is_flag=True,
    help="National: the present key may be known to others. It vouches for nothing; every exchange compares the new one.",
)  # fmt: skip
@AS_JSON
def rotate(at_once: bool, compromised: bool, as_json: bool) -> None:
    """Let a new key follow the one this exchange signs with; the former one is believed for seven days more.

    A local exchange signs with it from now on. The national one lets the others learn of it for a day first.
    """
    with exchange() as runtime:
        if runtime.settings.role != "national":
            if at_once or compromised:
                raise click.UsageError("A lost or stolen key of a local exchange needs a new invitation.")
            fingerprint = unrefused(lambda: enrolling.rotate(runtime))
            tell(as_json, {"fingerprint": fingerprint}, f"The new key is in use: {fingerprint}")
            return
        with begin(runtime) as work:
            if compromised:
                own_keys.begin_again(work, SYSTEM)
            else:
                own_keys.hand_over(work, SYSTEM, at_once=at_once)
        shown = _own(runtime)
    tell(as_json, own_keys.as_record(shown), _told(shown, compromised=compromised))


@click.command()
@click.option("--fingerprint", required=True, help="Of the national exchange's key, as its operator says it.")
@AS_JSON
def pin(fingerprint: str, as_json: bool) -> None:
    """Believe another key of the national exchange, and none of its former ones.

    For when none of those has vouched for it: compare the fingerprint by another way first.
    """
    with exchange() as runtime:
        pinned = enrolling.pin(runtime, fingerprint)
    tell(as_json, {"fingerprint": pinned}, f"This key is believed now, and no other: {pinned}")


@click.command("roll-back")
@click.argument("kid")
@AS_JSON
def roll_back(kid: str, as_json: bool) -> None:
    """National: take all records back that came under the revoked key KID since others may have had it.

    Its page says since when, and lists the batches. What was erased stays erased.
    """
    with exchange() as runtime, begin(runtime) as work:
        try:
            done = rolling_back.roll_back(work, SYSTEM, kid)
        except NotFound:
            raise click.UsageError(f"No other exchange has a key named {kid!r} here.") from None
    text = f"{done.restored} records are as before, {done.removed} were not there before, {done.erased} stay erased."
    tell(as_json, asdict(done), text)


def _own(runtime: Runtime) -> OwnKey:
    return own_keys.shown(runtime.settings, int(runtime.clock().timestamp()))


def _told(shown: OwnKey, *, compromised: bool) -> str:
    if compromised:
        return (
            "The new key is in use, and nobody believes it yet. Tell its fingerprint to every local exchange by another "
            f"way; there: giao sync pin --fingerprint '…'\n  {shown.fingerprint}"
        )
    if shown.next_fingerprint:
        return f"The new key signs from {_day(shown.signs_from)} on; the others learn of it now: {shown.next_fingerprint}"
    return f"The new key is in use: {shown.fingerprint}"


def _day(moment: datetime | None) -> str:
    return moment.isoformat(" ", "minutes") if moment else ""
