"""What the operator chooses. The only reader of the environment.

Values come from the environment, else from `DATA_DIR/settings.env` (where `giao run` writes the secrets of a new
install, mode 0600), else from the defaults below. A wrong or missing value stops the start with one sentence.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, TypedDict

from marketplace import settings_values as read
from marketplace.settings_parts import NOBODY, Contact, Limits, SealedKey, SettingsError
from marketplace.settings_values import is_loopback

__all__ = [
    "DEFAULTS",
    "NOBODY",
    "SECRETS",
    "Contact",
    "Limits",
    "SealedKey",
    "Settings",
    "SettingsError",
    "is_loopback",
    "write_missing_secrets",
]

DEFAULTS = {
    "DATABASE_URL": "sqlite:///{data}/giao.db",
    "SEARCH_URL": "tantivy:{data}/index",
    "QUEUE_URL": "database:",
    "MAIL_URL": "console:",
    "BASE_URL": "http://127.0.0.1:8000",
    "NODE_ID": "local",
    "ROLE": "local",
    "EXCHANGE_NAME": "",
    "RUN_BY": "",
    "CONTACT_EMAIL": "",
    "CONTACT_PHONE": "",
    "MAIL_FROM": "no-reply@localhost",
    "SYNC_KEY_FILE": "",
    "NATIONAL_URL": "",
    "PEER_LOOPBACK": "",
    "TERMS_FILE": "",
    "MODEL_FOLDER": "",
    "TRUSTED_PROXY": "",
    "LOG_FORMAT": "text",
    "METRICS_ADDRESS": "",
    "SCANNER_URL": "none:",
    "DATABASE_POOL": "20",
    "DATABASE_WAIT": "5",
    "DATABASE_STATEMENT_LIMIT": "30",
    "DATABASE_LOCK_LIMIT": "10",
    "SECOND_FACTOR": "public",
    "BATCHES_KEPT_DAYS": "90",
    "PROBE": "1",
}
SECRETS = ("SECRET_KEYS", "SEALED_KEYS")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, validated. The first of `secret_keys` and of `sealed_keys` is used for new values, all for old."""

    data_dir: Path
    database_url: str = field(repr=False)
    search_url: str = field(repr=False)
    queue_url: str = field(repr=False)
    mail_url: str = field(repr=False)
    mail_from: str
    base_url: str
    node_id: str
    role: str
    exchange_name: str
    sync_key_file: str
    secret_keys: tuple[bytes, ...] = field(repr=False)
    sealed_keys: tuple[SealedKey, ...] = field(repr=False)
    terms_file: str = ""
    """A term table of the operator's own, as `giao terms learn` writes it; empty for none."""
    model_folder: str = ""
    """A folder with a sentence model in ONNX form, as docs/matching.md describes it; empty for none."""
    trusted_proxy: str = ""
    """Address of the proxy in front, the only one whose X-Forwarded-For is believed. Without it every request seems
    to come from the proxy, and throttling would slow down everybody at once."""
    scanner_url: str = "none:"
    """Who looks for viruses in uploaded files: `none:`, or `clamd://host:port`."""
    database_limits: Limits = field(default_factory=Limits)
    national_url: str = ""
    """Where a local exchange sends its listings; empty for one that stands alone, and for the national one."""
    peer_loopback: bool = False
    """Other exchanges on this machine may be spoken to without encryption: for demonstrations and tests."""
    second_factor: str = "public"
    """Where staff need a second factor: `public`, everywhere but on this machine; or `always`."""
    batches_kept_days: int = 90
    """How long the bytes of batches we have sent are kept, in days; 0 for ever. Their receipts are kept for ever."""
    probe: bool = False
    """Whether a hidden record a minute measures how long changes take to the national search: everywhere, as the
    environment says, but in tests and measurements that count what is written."""
    log_format: str = "text"
    metrics_address: str = ""
    """host:port where Prometheus may ask; empty where nobody does."""
    contact: Contact = NOBODY
    """Who runs the exchange, and how people reach them."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Raises `SettingsError`."""
        given = dict(os.environ if environment is None else environment)
        data = cls.data_folder(given)
        values = {name: value.format(data=data) for name, value in DEFAULTS.items()}
        values |= read_settings_file(data / "settings.env")
        values |= {name: given[name] for name in (*DEFAULTS, *SECRETS) if given.get(name)}
        return cls(
            data_dir=data,
            **_back_ends(values),
            mail_url=read.read_url(values, "MAIL_URL", servers=("smtp", "smtps"), here={"console": None}),
            mail_from=read.read_sender(values),
            base_url=read.read_base_url(values),
            node_id=read.read_node_id(values["NODE_ID"]),
            role=read.read_role(values["ROLE"]),
            exchange_name=values["EXCHANGE_NAME"],
            contact=read.read_contact(values),
            sync_key_file=read.read_key_file(values["SYNC_KEY_FILE"], data / "sync.key"),
            secret_keys=read.read_secret_keys(values.get("SECRET_KEYS", "")),
            sealed_keys=read.read_sealed_keys(values.get("SEALED_KEYS", "")),
            terms_file=read.read_file(values, "TERMS_FILE"),
            model_folder=read.read_folder(values, "MODEL_FOLDER"),
            trusted_proxy=read.read_proxy(values),
            scanner_url=read.read_url(values, "SCANNER_URL", servers=("clamd",), here={"none": None}),
            database_limits=read.read_limits(values),
            national_url=read.read_national_url(values),
            peer_loopback=read.read_peer_loopback(values),
            second_factor=read.read_second_factor(values["SECOND_FACTOR"]),
            batches_kept_days=read.read_days(values, "BATCHES_KEPT_DAYS"),
            probe=read.read_probe(values),
            log_format=read.read_log_format(values["LOG_FORMAT"]),
            metrics_address=read.read_metrics_address(values["METRICS_ADDRESS"]),
        )

    @staticmethod
    def data_folder(environment: Mapping[str, str] | None = None) -> Path:
        """Where everything of this install is kept, before any other setting can be read. Raises `SettingsError`."""
        given = os.environ if environment is None else environment
        folder = Path(given.get("DATA_DIR") or "var")
        if folder.exists() and not folder.is_dir():
            raise SettingsError(f"DATA_DIR names {folder}, which is no folder.")
        return folder

    def at(self, *, database_url: str = "", search_url: str = "", queue_url: str = "") -> Self:
        """The same exchange on other back ends; what is empty stays. Raises `SettingsError`."""
        given = {"DATABASE_URL": database_url, "SEARCH_URL": search_url, "QUEUE_URL": queue_url}
        here = {"DATABASE_URL": self.database_url, "SEARCH_URL": self.search_url, "QUEUE_URL": self.queue_url}
        return replace(self, **_back_ends(here | {name: url for name, url in given.items() if url}))

    def unhurried(self) -> Self:
        """The same for a process that serves no pages: its statements may take longer."""
        return replace(self, database_limits=self.database_limits.unhurried())

    @property
    def key_file(self) -> Path:
        """Where the key is that this exchange signs with."""
        return Path(self.sync_key_file) if self.sync_key_file else self.data_dir / "sync.key"

    @property
    def loopback(self) -> bool:
        """Served on this machine only: cookies go without Secure, demo data and the console mailer are allowed."""
        return is_loopback(self.base_url)

    @property
    def staff_need_second_factor(self) -> bool:
        """Whether a role on the staff counts only for who signs in with a code as well (OWASP ASVS 5.0, 6.3.3)."""
        return self.second_factor == "always" or not self.loopback

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")


class BackEnds(TypedDict):
    """The three URLs by which a back end is chosen."""

    database_url: str
    search_url: str
    queue_url: str


def _back_ends(values: Mapping[str, str]) -> BackEnds:
    return {
        "database_url": read.read_url(
            values, "DATABASE_URL", servers=("postgresql+psycopg",), here={"sqlite": "///"}
        ),
        "search_url": read.read_url(values, "SEARCH_URL", servers=("http", "https"), here={"tantivy": ""}),
        "queue_url": read.read_url(values, "QUEUE_URL", servers=("redis", "rediss"), here={"database": None}),
    }


def read_settings_file(path: Path) -> dict[str, str]:
    """Lines `NAME=value`; comments and empty lines are passed over. A missing file is an empty one."""
    if not path.exists():
        return {}
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise SettingsError(f"DATA_DIR holds {path}, which cannot be read: {error}.") from None
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    values = {name.strip(): value.strip() for name, _, value in pairs}
    if unknown := values.keys() - {*DEFAULTS, *SECRETS}:
        raise SettingsError(f"{min(unknown)} in {path} is no setting of Giao; remove the line.")
    return values


def write_missing_secrets(data_dir: Path) -> bool:
    """Give a new install its own secrets. True when something was written; existing values are never changed.

    Raises `SettingsError` where the folder cannot be written.
    """
    path = data_dir / "settings.env"
    have = read_settings_file(path) | {name: os.environ[name] for name in SECRETS if os.environ.get(name)}
    fresh = {"SECRET_KEYS": _new_key(), "SEALED_KEYS": f"k{secrets.token_hex(3)}:{_new_key()}"}
    return _append(path, {name: fresh[name] for name in SECRETS if not have.get(name)})


def keep_in_file(data_dir: Path, settings: Mapping[str, str]) -> bool:
    """Let `DATA_DIR` alone stand for an exchange with these settings. True when its file did not say so already.

    A later line of the file counts, so nothing that stands there is changed. Raises `SettingsError`.
    """
    path = data_dir / "settings.env"
    have = read_settings_file(path)
    return _append(path, {name: value for name, value in settings.items() if have.get(name) != value})


def _append(path: Path, lines: Mapping[str, str]) -> bool:
    """Readable by its owner only, from the first byte on. Whether there was anything to write."""
    if not lines:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in lines.items())
        path.chmod(0o600)
    except OSError as error:
        raise SettingsError(
            f"DATA_DIR names {path.parent}, which cannot be written: {error.strerror}."
        ) from None
    return True


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
