"""`giao sync`: this exchange and the others, from a terminal; with --json for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import click

from exchange.reconcile import Choice
from marketplace import enrolling, restarting
from marketplace.commands import syncing_keys, syncing_words
from marketplace.commands.harvesting import harvest
from marketplace.commands.opening import exchange
from marketplace.commands.syncing_words import AS_JSON, tell, unrefused
from marketplace.followers import catch_up
from marketplace.readers import Sequencer, drain
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import (
    choosing,
    enrolment,
    outlook,
    own_keys,
    replays,
    source_sheets,
    verifying,
    watching,
)
from marketplace.uplink import Uplink
from marketplace.work import Work, begin, look

T = TypeVar("T")
LOOK = 0.5  # seconds between two looks at what another process does
WAIT = click.option("--wait", default=60, show_default=True, help="Seconds to wait for the end.")


@click.group()
def sync() -> None:
    """This exchange and the others: enrol, send, compare, prove."""


for command in (syncing_keys.key, syncing_keys.rotate, syncing_keys.pin, syncing_keys.roll_back, harvest):
    sync.add_command(command)


@sync.command()
@click.argument("node")
@click.option("--replaces", is_flag=True, help="The exchange is enrolled already and has lost its key.")
@AS_JSON
def invite(node: str, replaces: bool, as_json: bool) -> None:
    """Invite the exchange NODE; the token is shown once."""
    with exchange() as runtime:
        with begin(runtime) as work:
            invited = enrolment.invite(work, SYSTEM, node, replaces=replaces)
        fingerprint = own_keys.shown(runtime.settings, int(runtime.clock().timestamp())).fingerprint
        address = runtime.settings.base_url
    tell(
        as_json,
        {
            "node": node,
            "token": invited.token,
            "fingerprint": fingerprint,
            "hours": invited.hours,
            "url": address,
        },
        f"For {node}, to be used once within {invited.hours} hours. There, with NATIONAL_URL={address}:\n"
        f"  giao sync enrol {invited.token} --fingerprint '{fingerprint}'"
        + (" --new-key" if replaces else ""),
    )


@sync.command()
@click.argument("token")
@click.option("--fingerprint", required=True, help="Of the national exchange's key, as the invitation says.")
@click.option("--new-key", is_flag=True, help="With another key: the one in use was lost, stolen or revoked.")
@AS_JSON
def enrol(token: str, fingerprint: str, new_key: bool, as_json: bool) -> None:
    """Enrol with the national exchange by an invitation's TOKEN."""
    with exchange() as runtime:
        enrolled = unrefused(lambda: enrolling.enrol(runtime, token, fingerprint, new_key=new_key))
    tell(
        as_json,
        {"national": enrolled.national, "fingerprint": enrolled.fingerprint, "state": "pending"},
        f"Enrolled with {enrolled.national}. Two of its admins will ask for this fingerprint:\n  {enrolled.fingerprint}",
    )


@sync.command()
@AS_JSON
def status(as_json: bool) -> None:
    """How it stands with the national exchange; on the national one, with every other and with what is harvested."""
    with exchange() as runtime, look(runtime) as work:
        if runtime.settings.role == "national":
            standings, sources = watching.exchanges(work, SYSTEM), source_sheets.standings(work, SYSTEM)
            tell(
                as_json,
                {
                    "exchanges": [watching.as_record(one) for one in standings],
                    "sources": [source_sheets.as_record(one) for one in sources],
                },
                "\n".join(filter(None, (syncing_words.table(standings), syncing_words.sources(sources)))),
            )
        else:
            seen = outlook.outlook(work, SYSTEM)
            tell(as_json, outlook.as_record(seen), syncing_words.sentence(seen, work.now))


@sync.command()
@WAIT
@AS_JSON
def push(wait: int, as_json: bool) -> None:
    """Send now what waits to be sent. Exit code 1 when something is left."""
    with exchange() as runtime:
        drain([Sequencer(runtime)])
        with begin(runtime) as work:
            choosing.try_now(work, SYSTEM)
        seen = _until(runtime, lambda seen: seen.state == "on_time", wait)
        tell(as_json, outlook.as_record(seen), syncing_words.sentence(seen, runtime.clock()))
    if seen.state != "on_time":
        raise click.exceptions.Exit(1)


@sync.command()
@WAIT
@AS_JSON
def reconcile(wait: int, as_json: bool) -> None:
    """Compare both sides, send again what differs. Exit code 1 when they are not equal."""
    with exchange() as runtime:
        seen = _compared(runtime, wait)
        tell(as_json, dict(seen.proof), syncing_words.proof(seen))
    if not seen.proof.get("equal"):
        raise click.exceptions.Exit(1)


@sync.command()
@WAIT
@AS_JSON
def verify(wait: int, as_json: bool) -> None:
    """Prove that all is equal: with the national exchange, and between database, view and index.

    Exit code 1 when it is not, or cannot be proved now.
    """
    with exchange() as runtime:
        catch_up(runtime)
        if runtime.settings.national_url:
            _compared(runtime, wait)
        with look(runtime) as work:
            found = verifying.findings(work)
    lines = [f"{'✓' if one.well else '✕'} {one.what}: {one.detail}" for one in found]
    tell(
        as_json,
        {"equal": all(one.well for one in found), "findings": [verifying.as_record(one) for one in found]},
        "\n".join(lines),
    )
    if not all(one.well for one in found):
        raise click.exceptions.Exit(1)


@sync.command()
@click.option(
    "--adopt", "choice", flag_value="adopt", help="Take lost revisions back from the national exchange."
)
@click.option("--override", "choice", flag_value="override", help="What is here counts, whatever was lost.")
@AS_JSON
def restart(choice: str | None, as_json: bool) -> None:
    """After this exchange was restored from a backup: go on in a new epoch, with --adopt or with --override."""
    if choice is None:
        raise click.UsageError("Choose --adopt or --override.")
    with exchange() as runtime:
        done = restarting.restart(runtime, Choice(choice))
    tell(
        as_json,
        {"taken_back": done.taken_back, "raised": done.raised, "buried": done.buried},
        f"A new epoch has begun: {done.taken_back} records taken back, {done.raised} published again, "
        f"{done.buried} said to be gone. Everything is sent again now.",
    )


@sync.command()
def pause() -> None:
    """Send nothing until `resume`."""
    with exchange() as runtime, begin(runtime) as work:
        choosing.pause(work, SYSTEM)
    click.echo("Paused.")


@sync.command()
def resume() -> None:
    """Go on after a pause, or after having looked at what had stopped the sending."""
    with exchange() as runtime, begin(runtime) as work:
        choosing.go_on(work, SYSTEM)
    click.echo("Sending goes on.")


@sync.command()
@click.option("--limit", default=replays.SHOWN, show_default=True, help="How many of them.")
@AS_JSON
def sent(limit: int, as_json: bool) -> None:
    """The batches this exchange has sent last, what was answered, and whether each can be sent again."""
    with exchange() as runtime, look(runtime) as work:
        found = replays.latest(work, SYSTEM, limit)
    tell(
        as_json,
        {"batches": [replays.as_record(one) for one in found]},
        "\n".join(map(syncing_words.batch, found)) or "Nothing was sent yet.",
    )


@sync.command()
@click.argument("number")
@WAIT
@AS_JSON
def replay(number: str, wait: int, as_json: bool) -> None:
    """Send the batch NUMBER again, or the record of that id. Exit code 1 unless the answer is as it was.

    A batch that is known there changes nothing; one that is not is not sent. A record goes with the next batch.
    """
    if ":" in number:
        with exchange() as runtime, begin(runtime) as work:
            replays.send_record(work, SYSTEM, number)
        tell(as_json, {"record": number}, "It goes with the next batch.")
        return
    with exchange() as runtime:
        with begin(runtime) as work:
            replays.ask(work, SYSTEM, number)
            choosing.try_now(work, SYSTEM)
        done = _taking_steps(runtime, lambda work: _answered(work, number), wait)
    tell(as_json, {"batch": number, "outcome": done}, syncing_words.replayed(done))
    if done != "same":
        raise click.exceptions.Exit(1)


def _answered(work: Work, batch_id: str) -> tuple[str, bool]:
    found = replays.one(work, SYSTEM, batch_id)
    outcome = found.outcome if found else ""
    return outcome, bool(outcome)


def _compared(runtime: Runtime, wait: int) -> outlook.Outlook:
    """After both sides were compared, or `wait` seconds."""
    drain([Sequencer(runtime)])
    with begin(runtime) as work:
        asked = work.now
        choosing.compare(work, SYSTEM)
    return _until(
        runtime,
        lambda seen: seen.proved_at is not None and seen.proved_at >= asked and not seen.comparing,
        wait,
    )


def _until(runtime: Runtime, done: Callable[[outlook.Outlook], bool], wait: int) -> outlook.Outlook:
    """How it stands once it is `done`, or `wait` seconds later."""

    def standing(work: Work) -> tuple[outlook.Outlook, bool]:
        seen = outlook.outlook(work, SYSTEM)
        return seen, done(seen)

    return _taking_steps(runtime, standing, wait)


def _taking_steps(runtime: Runtime, seen: Callable[[Work], tuple[T, bool]], wait: int) -> T:
    """Take the sender's steps, or look at those of the process that has the right to, until `seen` says it is enough."""
    uplink = Uplink(runtime)
    until = time.monotonic() + wait
    try:
        while True:
            more = uplink.turn()
            with look(runtime) as work:
                found, enough = seen(work)
            if enough or time.monotonic() >= until:
                return found
            if not more:
                time.sleep(LOOK)
    finally:
        uplink.give_back()
