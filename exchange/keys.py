"""Keys of exchanges: Ed25519, written as JWK, named by their thumbprint (RFC 7638, RFC 8037)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from exchange.problems import Refused

DAY = 86_400
LONGEST_LIFE = 400 * DAY
"""Seconds a key may be used at most."""
OVERLAP = 7 * DAY
"""Seconds for which the old key still speaks after the new one was first used."""
WARNED_AT = (30, 14, 3)
"""Days before its end at which operators hear of it."""


def warned_days(until: int, now: int) -> int | None:
    """Whole days until a key ends, once there are so few that its operators are to hear of it; None before."""
    days = max(0, until - now) // DAY
    return days if days <= max(WARNED_AT) else None


def encoded(value: bytes) -> str:
    """base64url without padding, as JOSE writes bytes."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half. `x` is the 32 bytes of the key."""

    x: bytes

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:
        """Raises `Refused` with code `malformed` for anything but a public Ed25519 key."""
        x = jwk.get("x")
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or not isinstance(x, str) or "d" in jwk:
            raise Refused("malformed", "/jwk: must be a public key with kty OKP and crv Ed25519")
        try:
            raw = base64.b64decode(x + "=" * (-len(x) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32 or encoded(raw) != x:
            raise Refused("malformed", "/jwk/x: must be 32 bytes in base64url without padding")
        return cls(raw)

    @property
    def jwk(self) -> dict[str, str]:
        return {"crv": "Ed25519", "kty": "OKP", "x": encoded(self.x)}

    @property
    def kid(self) -> str:
        """The RFC 7638 thumbprint: SHA-256 of the required members in order, without spaces."""
        return encoded(hashlib.sha256(json.dumps(self.jwk, separators=(",", ":")).encode()).digest())

    @property
    def fingerprint(self) -> str:
        """The same thumbprint for people who compare it by telephone: groups of four hexadecimal digits."""
        digest = hashlib.sha256(json.dumps(self.jwk, separators=(",", ":")).encode()).hexdigest()
        return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))

    def loaded(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.x)


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """The secret half. It has no readable `repr`, so that it gets into no log."""

    secret: bytes

    @classmethod
    def generated(cls) -> Self:
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Raises ValueError for anything but an unencrypted Ed25519 key in PKCS #8."""
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the file holds no Ed25519 key")
        return cls(key.private_bytes_raw())

    @property
    def pem(self) -> bytes:
        return self.loaded().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.loaded().public_key().public_bytes_raw())

    @property
    def kid(self) -> str:
        return self.public.kid

    def loaded(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)


class KeyState(StrEnum):
    WAITING = "not_before"
    ACTIVE = "active"
    RETIRING = "retiring"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a peer's key. Times are seconds since 1970.

    `replaced_at` is the first use of its successor; `compromised_since` marks what was signed after it for review.
    """

    node: str
    key: PublicKey
    not_before: int
    not_after: int
    replaced_at: int | None = None
    revoked_at: int | None = None
    compromised_since: int | None = None

    @property
    def kid(self) -> str:
        return self.key.kid

    @property
    def ends_at(self) -> int:
        """When it stops: at its end, or `OVERLAP` after its successor was first used."""
        life = min(self.not_after, self.not_before + LONGEST_LIFE)
        return life if self.replaced_at is None else min(life, self.replaced_at + OVERLAP)

    def state(self, now: int) -> KeyState:
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if now < self.not_before:
            return KeyState.WAITING
        if now >= self.ends_at:
            return KeyState.ENDED
        return KeyState.ACTIVE if self.replaced_at is None else KeyState.RETIRING

    def usable(self, now: int) -> bool:
        return self.state(now) in (KeyState.ACTIVE, KeyState.RETIRING)
