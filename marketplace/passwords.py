"""Passwords: which are accepted, and how they are kept.

Any 8 to 256 characters, in any script and with spaces; nobody is told to add a digit or a sign (NIST SP
800-63B, OWASP ASVS 5.0 V6.2). Refused are the passwords that everybody tries first. Kept is an Argon2id hash
(RFC 9106) at the cost that the OWASP Password Storage Cheat Sheet gives: 19 MiB, two passes, one lane; about
30 ms of one core.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.common_passwords import is_common, plain
from vocabulary.problems import Problem

SHORTEST = 8
RECOMMENDED = 15
LONGEST = 256

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)

NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$YRdjWmOTH993TwWPlAD25Q$BFUikZDbW3KRtwMt67VMK4epOLpbA1287gyPFSZgmIE"
"""A hash at the same cost, checked where there is no account, so that the answer takes as long."""


def problems(password: str, *, path: str, about: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with a new password. `about`: what it must not repeat, the person's e-mail and name."""
    length = len(_normal(password))
    if length < SHORTEST:
        return [Problem(path, "password_short", {"least": str(SHORTEST)})]
    if length > LONGEST:
        return [Problem(path, "password_long", {"most": str(LONGEST)})]
    if is_common(password):
        return [Problem(path, "password_common")]
    if plain(password) in {plain(word) for words in about for word in (words, words.partition("@")[0])}:
        return [Problem(path, "password_personal")]
    return []


def hashed(password: str) -> str:
    """The Argon2id hash to keep, salt and cost included."""
    return HASHER.hash(_bytes(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash the answer is no, after the same work."""
    try:
        return HASHER.verify(password_hash or NOBODYS, _bytes(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Kept at another cost than today's: to be hashed anew at the next sign-in."""
    return HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    """NFC, as RFC 8265 section 4.2 asks: the same keys pressed on another keyboard give the same password."""
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    # One more than any password we keep: never equal to one, and nobody can make us hash a megabyte.
    return _normal(password)[: LONGEST + 1].encode("utf-8", "surrogatepass")
