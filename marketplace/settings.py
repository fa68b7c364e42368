"""What the operator chooses. The only reader of the environment.

Values come from the environment, else from `DATA_DIR/settings.env` (where `giao run` writes the secrets of a new
install, mode 0600), else from the defaults below. A wrong or missing value stops the start with one sentence.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

DEFAULTS = {
    "DATABASE_URL": "sqlite:///{data}/giao.db",
    "SEARCH_URL": "tantivy:{data}/index",
    "QUEUE_URL": "database:",
    "MAIL_URL": "console:",
    "BASE_URL": "http://127.0.0.1:8000",
    "NODE_ID": "local",
    "ROLE": "local",
    "EXCHANGE_NAME": "",
    "MAIL_FROM": "no-reply@localhost",
    "SYNC_KEY_FILE": "",
    "TRUSTED_PROXY": "",
}
SECRETS = ("SECRET_KEYS", "SEALED_KEYS")
ROLES = ("local", "national")


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """One AES-256 key for sealed texts and files. `id` is stored beside what it sealed."""

    id: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, validated. The first of `secret_keys` and of `sealed_keys` is used for new values, all for old."""

    data_dir: Path
    database_url: str
    search_url: str
    queue_url: str
    mail_url: str
    mail_from: str
    base_url: str
    node_id: str
    role: str
    exchange_name: str
    sync_key_file: str
    secret_keys: tuple[bytes, ...]
    sealed_keys: tuple[SealedKey, ...]
    trusted_proxy: str = ""
    """Address of the proxy in front, the only one whose X-Forwarded-For is believed. Without it every request seems
    to come from the proxy, and throttling would slow down everybody at once."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        given = dict(os.environ if environment is None else environment)
        data = cls.data_folder(given)
        values = {name: value.format(data=data) for name, value in DEFAULTS.items()}
        values |= read_settings_file(data / "settings.env")
        values |= {name: given[name] for name in (*DEFAULTS, *SECRETS) if given.get(name)}
        return cls(
            data_dir=data,
            database_url=_url(values, "DATABASE_URL", ("sqlite", "postgresql+psycopg")),
            search_url=_url(values, "SEARCH_URL", ("tantivy", "http", "https")),
            queue_url=_url(values, "QUEUE_URL", ("database", "redis", "rediss")),
            mail_url=_url(values, "MAIL_URL", ("console", "smtp", "smtps")),
            mail_from=values["MAIL_FROM"],
            base_url=_base_url(values),
            node_id=_node_id(values["NODE_ID"]),
            role=_role(values["ROLE"]),
            exchange_name=values["EXCHANGE_NAME"],
            sync_key_file=values["SYNC_KEY_FILE"],
            secret_keys=_secret_keys(values.get("SECRET_KEYS", "")),
            sealed_keys=_sealed_keys(values.get("SEALED_KEYS", "")),
            trusted_proxy=_address(values, "TRUSTED_PROXY"),
        )

    @staticmethod
    def data_folder(environment: Mapping[str, str] | None = None) -> Path:
        """Where everything of this install is kept, before any other setting can be read."""
        given = os.environ if environment is None else environment
        return Path(given.get("DATA_DIR") or "var")

    @property
    def loopback(self) -> bool:
        """Served on this machine only: cookies go without Secure, demo data and the console mailer are allowed."""
        return is_loopback(self.base_url)

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")


def read_settings_file(path: Path) -> dict[str, str]:
    """Lines `NAME=value`; comments and empty lines are passed over. A missing file is an empty one."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    known = {*DEFAULTS, *SECRETS}
    values = {name.strip(): value.strip() for name, _, value in pairs}
    if unknown := set(values) - known:
        raise SettingsError(f"{sorted(unknown)[0]} in {path} is no setting of Giao; remove the line.")
    return values


def write_missing_secrets(data_dir: Path) -> bool:
    """Give a new install its own secrets. True when something was written; existing values are never changed."""
    path = data_dir / "settings.env"
    have = read_settings_file(path) | {name: os.environ[name] for name in SECRETS if os.environ.get(name)}
    missing = [name for name in SECRETS if not have.get(name)]
    if not missing:
        return False
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = {"SECRET_KEYS": _new_key(), "SEALED_KEYS": f"k{secrets.token_hex(3)}:{_new_key()}"}
    text = "".join(f"{name}={fresh[name]}\n" for name in missing)
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a", encoding="utf-8"
    ) as file:
        file.write(text)
    path.chmod(0o600)
    return True


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _url(values: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    scheme = values[name].partition(":")[0]
    if scheme not in schemes:
        raise SettingsError(f"{name} must begin with one of {', '.join(f'{s}:' for s in schemes)}.")
    return values[name]


def _base_url(values: Mapping[str, str]) -> str:
    url = values["BASE_URL"].rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise SettingsError("BASE_URL must be a scheme and a host only, such as https://exchange.example.")
    if not is_loopback(url):
        if parts.scheme != "https":
            raise SettingsError("BASE_URL must use https:// unless the host is this machine (127.0.0.1).")
        if values["MAIL_URL"].startswith("console:"):
            raise SettingsError("MAIL_URL must name a mail server (smtp://…) when BASE_URL is public.")
    return url


def _address(values: Mapping[str, str], name: str) -> str:
    try:
        return str(ip_address(values[name])) if values[name] else ""
    except ValueError:
        raise SettingsError(f"{name} must be the IP address of the proxy, such as 127.0.0.1.") from None


def _node_id(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", value):
        raise SettingsError("NODE_ID must be 2 to 31 small letters, digits or hyphens, the first a letter.")
    return value


def _role(value: str) -> str:
    if value not in ROLES:
        raise SettingsError("ROLE must be local or national.")
    return value


def _secret_keys(value: str) -> tuple[bytes, ...]:
    keys = tuple(part.strip().encode() for part in value.split(",") if part.strip())
    if not keys:
        raise SettingsError(
            "SECRET_KEYS is missing; `make run` writes one, or set 32 random bytes in base64."
        )
    if any(len(key) < 32 for key in keys):
        raise SettingsError("SECRET_KEYS holds a key shorter than 32 characters.")
    return keys


def _sealed_keys(value: str) -> tuple[SealedKey, ...]:
    parts = [part.strip().partition(":") for part in value.split(",") if part.strip()]
    if not parts:
        raise SettingsError(
            "SEALED_KEYS is missing; `make run` writes one, or set ID:KEY with 32 bytes in base64."
        )
    try:
        keys = tuple(SealedKey(name, base64.urlsafe_b64decode(text)) for name, _, text in parts)
    except (binascii.Error, ValueError):
        raise SettingsError("SEALED_KEYS holds a key that is not base64.") from None
    if any(not key.id or len(key.key) != 32 for key in keys):
        raise SettingsError("SEALED_KEYS must be ID:KEY pairs with keys of 32 bytes, separated by commas.")
    return keys
