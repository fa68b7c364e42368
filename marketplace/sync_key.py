"""The key this exchange signs with: a file that only its owner can read, never in the database and never in a log."""

from __future__ import annotations

import os
from pathlib import Path

from exchange.keys import PrivateKey
from marketplace.settings import SettingsError


def read(path: Path) -> PrivateKey:
    """Raises `SettingsError` when there is none or it is not an Ed25519 key."""
    try:
        return PrivateKey.from_pem(path.read_bytes())
    except FileNotFoundError:
        raise SettingsError(f"SYNC_KEY_FILE: there is no key at {path}; `giao sync key` makes one.") from None
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"SYNC_KEY_FILE names {path}, which holds no key: {error}.") from None


def make(path: Path) -> PrivateKey:
    """A new key in a new file, mode 0600 from its first byte on. Raises `SettingsError` where it cannot be written."""
    key = PrivateKey.generated()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(key.pem)
    except OSError as error:
        raise SettingsError(f"SYNC_KEY_FILE: no key can be written to {path}: {error.strerror}.") from None
    return key


def ensure(path: Path) -> PrivateKey:
    """The key of this exchange, made now if there is none yet."""
    return read(path) if path.exists() else make(path)


def succeed(path: Path, successor: Path) -> None:
    """From now on the successor is the key. One step: at every moment there is a whole file."""
    successor.replace(path)
