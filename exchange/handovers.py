"""One key of an exchange followed by another: a statement that both have signed, and chains of such statements.

The national exchange serves all its hand-overs. Who has pinned one of its keys follows them from there to the one in
use, however many there were meanwhile, as long as the pinned key is not too old to vouch for anybody. A key that was
revoked vouches for nobody, nor does one for two successors: then people compare fingerprints again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from cryptography.exceptions import InvalidSignature

from exchange.canonical import canonical
from exchange.items import NODE
from exchange.keys import LONGEST_LIFE, KeyRecord, PrivateKey, PublicKey, encoded
from exchange.problems import Refused
from exchange.reading import Members
from exchange.signing import SKEW

MOST = 100
"""Hand-overs that are served and read at most: at one a year, for a century."""
PURPOSE = b"xsync-1 handover\n"
"""Stands before what is signed, so that no signature given for something else can be taken for this one."""


class Broken(ValueError):
    """The hand-overs do not lead from a key that is believed to the one in use. `code` is one of `REASONS`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


REASONS = ("unknown_key", "wrong_node", "bad_signature", "revoked", "forked", "expired", "not_yet")


@dataclass(frozen=True, slots=True)
class Handover:
    """`old` is followed by `new` from `at` on, which counts until `until`; both in seconds since 1970."""

    node: str
    old: PublicKey
    new: PublicKey
    at: int
    until: int
    by_old: bytes = b""
    by_new: bytes = b""

    @classmethod
    def made(cls, node: str, old: PrivateKey, new: PrivateKey, *, at: int) -> Self:
        """Signed by both."""
        bare = cls(node, old.public, new.public, at, at + LONGEST_LIFE)
        return replace(bare, by_old=old.loaded().sign(bare.signed), by_new=new.loaded().sign(bare.signed))

    @classmethod
    def read(cls, said: Members) -> Self:
        """Raises `Refused` with code `malformed`."""
        signatures = said.inside("signatures")
        return cls(
            said.text("node", NODE), PublicKey.from_jwk(said.raw("old") or {}), PublicKey.from_jwk(said.raw("new") or {}),
            said.whole("at"), said.whole("until"), _decoded(signatures, "old"), _decoded(signatures, "new"),
        )  # fmt: skip

    @property
    def signed(self) -> bytes:
        """The bytes that both keys sign."""
        return PURPOSE + canonical(self._stated())

    def as_record(self) -> dict[str, Any]:
        return {**self._stated(), "signatures": {"old": encoded(self.by_old), "new": encoded(self.by_new)}}

    def _stated(self) -> dict[str, Any]:
        return {
            "node": self.node, "old": self.old.jwk, "new": self.new.jwk, "at": self.at, "until": self.until,
        }  # fmt: skip

    def is_signed(self) -> bool:
        """Whether both keys have really signed it."""
        try:
            self.old.loaded().verify(self.by_old, self.signed)
            self.new.loaded().verify(self.by_new, self.signed)
        except (InvalidSignature, ValueError):
            return False
        return True


def follow(
    chain: Sequence[Handover], known: Iterable[KeyRecord], tip: str, *, node: str, now: int
) -> tuple[KeyRecord, ...]:
    """What is to be believed of this node's keys from now on: new ones, and those they follow; nothing when all is known.

    `known` are all its keys that were ever pinned, `tip` is the name of the one in use. Raises `Broken`, and then
    nothing is to be believed, not even what came before the break.
    """
    before = {record.kid: record for record in known}
    believed = dict(before)
    for link in chain:
        if link.new.kid not in believed and link.old.kid in believed:
            old = believed[link.old.kid]
            _refuse(link, old, vouches_until=now if link.old.kid in before else link.at, node=node, now=now)
            believed[old.kid] = replace(old, replaced_at=link.at)
            believed[link.new.kid] = KeyRecord(node, link.new, link.at, link.until)
    if tip not in believed:
        raise Broken("unknown_key", f"no key that is believed has handed over to {tip}")
    if believed[tip].revoked_at is not None:
        raise Broken("revoked", f"the key {tip} was revoked")
    if not believed[tip].usable(now):
        raise Broken("expired", f"the key {tip} has ended")
    return tuple(record for kid, record in believed.items() if before.get(kid) != record)


def _refuse(link: Handover, old: KeyRecord, *, vouches_until: int, node: str, now: int) -> None:
    """`vouches_until`: the moment at which the old key must not have come to its own end. For one that was pinned it is
    now: nobody could tell when a key that is long gone, and perhaps in other hands, has really signed."""
    if link.node != node:
        raise Broken("wrong_node", f"the hand-over is one of {link.node}")
    if not link.is_signed():
        raise Broken("bad_signature", f"the hand-over to {link.new.kid} is not signed by both keys")
    if old.revoked_at is not None:
        raise Broken("revoked", f"the key {old.kid} was revoked and vouches for nobody")
    if old.replaced_at is not None:
        raise Broken("forked", f"the key {old.kid} has another successor")
    if link.at > now + SKEW:
        raise Broken("not_yet", "the hand-over is said to be made in the future")
    end = min(old.not_after, old.not_before + LONGEST_LIFE)
    if max(vouches_until, link.at) >= end or not link.at < link.until <= link.at + LONGEST_LIFE:
        raise Broken("expired", f"the key {old.kid} is too old to vouch for another")


def _decoded(said: Members, name: str) -> bytes:
    text = said.text(name, most=100)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused(
            "malformed", f"/signatures/{name}: must be base64url", path=f"/signatures/{name}"
        ) from None


@dataclass(frozen=True, slots=True)
class KeySet:
    """What an exchange says of its keys: the one it signs with, those that count beside it, and how they followed."""

    newest: str
    keys: tuple[PublicKey, ...]
    chain: tuple[Handover, ...] = ()

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """Raises `Refused` with code `malformed`."""
        said = Members(value)
        keys = tuple(PublicKey.from_jwk(jwk) for jwk in said.array("keys", most=10) if isinstance(jwk, dict))
        links = said.array("handovers", most=MOST) if said.has("handovers") else []
        newest = said.optional("newest", most=64) or (keys[0].kid if keys else "")
        return cls(
            newest,
            keys,
            tuple(Handover.read(Members(link, f"/handovers/{n}")) for n, link in enumerate(links)),
        )

    def as_record(self) -> dict[str, Any]:
        """Each key with its name, as a JWK Set has it."""
        return {
            "keys": [{**key.jwk, "kid": key.kid} for key in self.keys], "newest": self.newest,
            "handovers": [link.as_record() for link in self.chain],
        }  # fmt: skip
