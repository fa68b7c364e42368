"""The keys this exchange signs with: the one in use, the one that is to follow it, and how they have followed each other.

They lie beside each other in files, so that whoever backs up the key has its history: `SYNC_KEY_FILE`, `….next` while a
successor is announced, and `….handovers`, which is public. For a day after a hand-over the former key still signs, so
that those who are in touch learn of the new one first, from an answer that they can prove.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchange.handovers import MOST, Handover, KeySet
from exchange.keys import DAY, LONGEST_LIFE, OVERLAP, PrivateKey, warned_days
from exchange.problems import Refused
from exchange.reading import Members, read_json
from marketplace import sync_key
from marketplace.errors import Conflict
from marketplace.services import audit
from marketplace.services.policy import Actor, permit
from marketplace.services.sync.own_card import successor_file
from marketplace.settings import Settings, SettingsError
from marketplace.work import Work

ANNOUNCED = DAY
"""Seconds from a hand-over until the new key signs."""


def signing(settings: Settings, now: int) -> PrivateKey:
    """The key to sign with at this moment, seconds since 1970; an announced one takes its place when its time has come."""
    key, successor = sync_key.ensure(settings.key_file), successor_file(settings)
    if not successor.exists():
        return key
    link = _last(settings)
    if link is None or link.old != key.public or now < link.at + ANNOUNCED:
        return key
    with suppress(FileNotFoundError):  # Another process was quicker.
        sync_key.succeed(settings.key_file, successor)
    return sync_key.read(settings.key_file)


def key_set(settings: Settings, now: int) -> KeySet:
    """What is told to everybody: the key in use first, then one that counts beside it, and all hand-overs."""
    key, successor, link = signing(settings, now).public, successor_file(settings), _last(settings)
    newest, keys = key, [key]
    if link is not None and link.old == key:
        newest, keys = link.new, [key, link.new]
    elif link is not None and link.new == key and now < link.at + OVERLAP:
        keys = [key, link.old]
    elif successor.exists():
        keys = [key, sync_key.read(successor).public]
    return KeySet(newest.kid, tuple(keys), _handovers(settings))


def until(settings: Settings) -> datetime:
    """When the newest key has to be replaced at the latest; of one without a hand-over its file says how old it is."""
    link = _last(settings)
    if link is not None:
        return datetime.fromtimestamp(link.until, UTC)
    return datetime.fromtimestamp(settings.key_file.stat().st_mtime + LONGEST_LIFE, UTC)


def is_handed_over(settings: Settings, now: int) -> bool:
    """Whether two keys count at this moment, from the announcement of the newer one on. Changes nothing."""
    link = _last(settings)
    return link is not None and now < link.at + OVERLAP


@dataclass(frozen=True, slots=True)
class OwnKey:
    """Our key as people read it. `days_left` is None while nobody need think of it; a successor only once announced."""

    fingerprint: str
    until: datetime
    days_left: int | None
    next_fingerprint: str = ""
    signs_from: datetime | None = None


def shown(settings: Settings, now: int) -> OwnKey:
    key, link = signing(settings, now).public, _last(settings)
    ends = until(settings)
    days = warned_days(int(ends.timestamp()), now)
    if link is None or link.old != key:
        return OwnKey(key.fingerprint, ends, days)
    return OwnKey(
        key.fingerprint, ends, days, link.new.fingerprint, datetime.fromtimestamp(link.at + ANNOUNCED, UTC)
    )


def as_record(key: OwnKey) -> dict[str, Any]:
    """For programs."""
    return asdict(key)


def hand_over(work: Work, actor: Actor, *, at_once: bool = False) -> Handover:
    """Let the key in use be followed by a new one, which signs after a day, or at once, also when it was announced before.

    Stopped half-way it can be called again. Raises `Conflict` when one is announced already.
    """
    permit(actor, "exchanges.manage")
    settings, now = work.runtime.settings, int(work.now.timestamp())
    old, link = signing(settings, now), _last(settings)
    if link is None or link.old != old.public:
        new = sync_key.ensure(successor_file(settings))
        link = Handover.made(settings.node_id, old, new, at=now)
        audit.record(work, actor, "exchange.hand_over", settings.node_id, kid=new.kid, former=old.kid)
        _keep(settings, (*_handovers(settings), link)[-MOST:])
    elif not at_once:
        raise Conflict("key_announced")
    if at_once:
        sync_key.succeed(settings.key_file, successor_file(settings))
    return link


def begin_again(work: Work, actor: Actor) -> PrivateKey:
    """Sign with a new key at once, for which the former one, which may be known to others, does not vouch.

    Nobody believes it until its fingerprint was compared there.
    """
    permit(actor, "exchanges.manage")
    settings = work.runtime.settings
    former, successor = sync_key.ensure(settings.key_file), successor_file(settings)
    # What was announced was vouched for by the key that is not to be trusted.
    successor.unlink(missing_ok=True)
    new = sync_key.make(successor)
    audit.record(work, actor, "exchange.key_broken", settings.node_id, kid=new.kid, former=former.kid)
    _keep(settings, ())
    sync_key.succeed(settings.key_file, successor)
    return new


def _last(settings: Settings) -> Handover | None:
    chain = _handovers(settings)
    return chain[-1] if chain else None


def _handovers(settings: Settings) -> tuple[Handover, ...]:
    """The oldest first. Raises `SettingsError` for a file that cannot be read."""
    path = _file(settings)
    try:
        listed = read_json(path.read_bytes())
        return tuple(Handover.read(Members(one)) for one in listed)
    except FileNotFoundError:
        return ()
    except (OSError, Refused, TypeError) as error:
        raise SettingsError(f"SYNC_KEY_FILE: {path} holds no hand-overs: {error}.") from None


def _keep(settings: Settings, chain: tuple[Handover, ...]) -> None:
    """One step: at every moment there is a whole file."""
    path = _file(settings)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w") as file:
        json.dump([link.as_record() for link in chain], file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _file(settings: Settings) -> Path:
    return settings.key_file.with_name(f"{settings.key_file.name}.handovers")
