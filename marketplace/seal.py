"""What is confidential is encrypted before it is stored: AES-256-GCM, the id of the key kept beside.

The `place` (a row's id and column) is bound in as associated data, so that a sealed value copied to another row
does not open. New values use the first key of `SEALED_KEYS`; older keys still open theirs until `giao seal rotate`
has written everything anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marketplace.errors import GiaoError
from marketplace.settings import SealedKey

NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM


class CannotOpen(GiaoError):
    """The key is not among `SEALED_KEYS`, or the value was changed or moved."""

    status = 500


@dataclass(frozen=True, slots=True)
class SealedValue:
    key_id: str
    data: bytes


class Seal:
    """Seals and opens. Holds all keys; the first one seals."""

    def __init__(self, keys: tuple[SealedKey, ...]) -> None:
        self._ciphers = {key.id: AESGCM(key.key) for key in keys}
        self.current = keys[0].id

    def close(self, text: bytes, place: str) -> SealedValue:
        nonce = secrets.token_bytes(NONCE)
        return SealedValue(
            self.current, nonce + self._ciphers[self.current].encrypt(nonce, text, place.encode())
        )

    def open(self, sealed: SealedValue, place: str) -> bytes:
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise CannotOpen("seal_key_missing", key=sealed.key_id)
        try:
            return cipher.decrypt(sealed.data[:NONCE], sealed.data[NONCE:], place.encode())
        except (InvalidTag, ValueError):  # The latter of a value cut off within its nonce.
            raise CannotOpen("seal_broken", place=place) from None
