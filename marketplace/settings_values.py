"""One setting each: how its text is read, and the sentence that is said when it cannot be.

Every function raises `SettingsError`, whose message begins with the name of the setting.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from marketplace.settings_parts import Contact, Limits, SealedKey, SettingsError
from vocabulary.text import clean

Values = Mapping[str, str]

ROLES = ("local", "national")
LOG_FORMATS = ("text", "json")


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_url(values: Values, name: str, *, servers: tuple[str, ...], here: Mapping[str, str | None]) -> str:
    """The URL of a server, or of something that this process does by itself.

    `here` maps the schemes that need no server to what has to follow them; None where nothing may.
    """
    url = values[name]
    scheme, _, rest = url.partition(":")
    if scheme in here:
        return _of_this_machine(url, rest, name, here[scheme])
    if scheme not in servers:
        known = ", ".join(f"{known}:" for known in (*here, *servers))
        raise SettingsError(f"{name} must begin with one of {known}.")
    if not _parts(url, name).hostname:
        raise SettingsError(f"{name} must name a server, such as {scheme}://server.example.")
    return url


def _of_this_machine(url: str, rest: str, name: str, prefix: str | None) -> str:
    """A URL without a server: one that must be a scheme alone where `prefix` is None, else name a place."""
    scheme = url.partition(":")[0]
    if prefix is None:
        if rest:
            raise SettingsError(f"{name} must be {scheme}: alone, with nothing behind it.")
    elif not rest.startswith(prefix) or len(rest) == len(prefix) > 0 or rest.endswith(":memory:"):
        raise SettingsError(f"{name} must name a place on this machine, such as {scheme}:{prefix}var/….")
    return url


def read_base_url(values: Values) -> str:
    """Where the exchange is reached. What is public must be encrypted and able to send letters."""
    url = values["BASE_URL"].rstrip("/")
    parts = _parts(url, "BASE_URL")
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc or url != url.strip()
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise SettingsError("BASE_URL must be a scheme and a host only, such as https://exchange.example.")
    if not is_loopback(url):
        if parts.scheme != "https":
            raise SettingsError("BASE_URL must use https:// unless the host is this machine (127.0.0.1).")
        if values["MAIL_URL"].startswith("console:"):
            raise SettingsError("MAIL_URL must name a mail server (smtp://…) when BASE_URL is public.")
    # As it is compared everywhere: the scheme and the host in small letters.
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _parts(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"{name} is no URL: {error}.") from None
    return parts


def read_sender(values: Values) -> str:
    """The address letters come from."""
    return _mail_address(values, "MAIL_FROM")


def _mail_address(values: Values, name: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", values[name]):
        raise SettingsError(f"{name} must be a mail address, such as exchange@exchange.example.")
    return values[name]


def read_contact(values: Values) -> Contact:
    """Each of the three may be left out."""
    phone = values["CONTACT_PHONE"].strip()
    if phone and not re.fullmatch(r"\+?[0-9(][0-9 ().-]{4,24}", phone):
        raise SettingsError(
            "CONTACT_PHONE must be a telephone number in digits, such as +84 24 3000 0000; leave it out for none."
        )
    email = _mail_address(values, "CONTACT_EMAIL") if values["CONTACT_EMAIL"] else ""
    return Contact(clean(values["RUN_BY"]), email, phone)


def read_proxy(values: Values) -> str:
    """The address of the proxy in front; empty when there is none."""
    try:
        return str(ip_address(values["TRUSTED_PROXY"])) if values["TRUSTED_PROXY"] else ""
    except ValueError:
        raise SettingsError("TRUSTED_PROXY must be the IP address of the proxy, such as 127.0.0.1.") from None


def read_log_format(value: str) -> str:
    if value not in LOG_FORMATS:
        raise SettingsError("LOG_FORMAT must be text or json.")
    return value


def read_metrics_address(value: str) -> str:
    """Where figures are given to Prometheus: an address of this machine, for they are not for everybody."""
    try:
        host, port = (parts := urlsplit(f"//{value}")).hostname, parts.port
        internal = not value or bool(host and port is not None and not ip_address(host).is_global)
    except ValueError:
        internal = False
    if not internal:
        raise SettingsError("METRICS_ADDRESS must be an internal address and a port, such as 127.0.0.1:9464.")
    return value


def read_limits(values: Values) -> Limits:
    """What the process may take of its database."""
    return Limits(
        pool=int(_number(values, "DATABASE_POOL", at_least=2, at_most=500)),
        wait=_number(values, "DATABASE_WAIT", at_least=1, at_most=60),
        statement=_number(values, "DATABASE_STATEMENT_LIMIT", at_least=1, at_most=3600),
        lock=_number(values, "DATABASE_LOCK_LIMIT", at_least=1, at_most=3600),
    )


def _number(values: Values, name: str, *, at_least: int, at_most: int) -> float:
    if not re.fullmatch(r"[0-9]{1,6}", values[name]) or not at_least <= int(values[name]) <= at_most:
        raise SettingsError(f"{name} must be a whole number from {at_least} to {at_most}.")
    return float(values[name])


def read_days(values: Values, name: str) -> int:
    """A number of days; 0 for without end."""
    return int(_number(values, name, at_least=0, at_most=36_500))


def read_file(values: Values, name: str) -> str:
    """The path of a file that must be there; empty when none is named."""
    if values[name] and not Path(values[name]).is_file():
        raise SettingsError(f"{name} names {values[name]}, which is no file.")
    return values[name]


def read_folder(values: Values, name: str) -> str:
    """The path of a folder that must be there; empty when none is named."""
    if values[name] and not Path(values[name]).is_dir():
        raise SettingsError(f"{name} names {values[name]}, which is no folder.")
    return values[name]


def read_key_file(named: str, default: Path) -> str:
    """The file of the key this exchange signs with. Where none is named it stands in the data folder, made when it
    is first needed; a file that is there must be readable by its owner only."""
    path = Path(named) if named else default
    if named and not path.is_file():
        raise SettingsError(
            f"SYNC_KEY_FILE names {path}, which is no file; without the setting one is made in DATA_DIR."
        )
    if path.exists() and path.stat().st_mode & 0o077:
        raise SettingsError(f"SYNC_KEY_FILE names {path}, which others can read; run `chmod 600 {path}`.")
    return str(path)


def read_peer_loopback(values: Values) -> bool:
    """Whether exchanges on this machine may speak plain http to each other."""
    if values["PEER_LOOPBACK"] not in ("", "0", "1"):
        raise SettingsError("PEER_LOOPBACK must be 1, or left out.")
    chosen = values["PEER_LOOPBACK"] == "1"
    if chosen and not is_loopback(values["BASE_URL"]):
        raise SettingsError("PEER_LOOPBACK=1 is for exchanges on one machine; BASE_URL names another host.")
    return chosen


def read_probe(values: Values) -> bool:
    """Whether the way to the national search is measured."""
    if values["PROBE"] not in ("0", "1"):
        raise SettingsError("PROBE must be 1 or 0.")
    return values["PROBE"] == "1"


def read_national_url(values: Values) -> str:
    """Where the national exchange is; empty for one that stands alone."""
    url = values["NATIONAL_URL"].rstrip("/")
    if not url:
        return ""
    if values["ROLE"] == "national":
        raise SettingsError("NATIONAL_URL is for local exchanges; with ROLE=national leave it out.")
    parts = _parts(url, "NATIONAL_URL")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise SettingsError(
            "NATIONAL_URL must be a scheme and a host only, such as https://exchange.example."
        )
    if parts.scheme == "http" and not (is_loopback(url) and read_peer_loopback(values)):
        raise SettingsError(
            "NATIONAL_URL must use https://; plain http is for this machine only, with PEER_LOOPBACK=1."
        )
    return url


def read_node_id(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", value):
        raise SettingsError("NODE_ID must be 2 to 31 small letters, digits or hyphens, the first a letter.")
    return value


def read_role(value: str) -> str:
    if value not in ROLES:
        raise SettingsError("ROLE must be local or national.")
    return value


def read_second_factor(value: str) -> str:
    if value not in ("public", "always"):
        raise SettingsError("SECOND_FACTOR must be public or always.")
    return value


def read_secret_keys(value: str) -> tuple[bytes, ...]:
    keys = tuple(part.strip().encode() for part in value.split(",") if part.strip())
    if not keys:
        raise SettingsError(
            "SECRET_KEYS is missing; `giao run` and `giao migrate` write one, or set 32 random bytes in base64."
        )
    if any(len(key) < 32 for key in keys):
        raise SettingsError("SECRET_KEYS holds a key shorter than 32 characters.")
    return keys


def read_sealed_keys(value: str) -> tuple[SealedKey, ...]:
    parts = [part.strip().partition(":") for part in value.split(",") if part.strip()]
    if not parts:
        raise SettingsError(
            "SEALED_KEYS is missing; `giao run` and `giao migrate` write one, or set ID:KEY with 32 bytes in base64."
        )
    try:
        keys = tuple(SealedKey(name, base64.b64decode(text, b"-_", validate=True)) for name, _, text in parts)
    except (binascii.Error, ValueError):
        raise SettingsError("SEALED_KEYS holds a key that is not base64.") from None
    if any(not key.id or len(key.key) != 32 for key in keys):
        raise SettingsError("SEALED_KEYS must be ID:KEY pairs with keys of 32 bytes, separated by commas.")
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError("SEALED_KEYS holds two keys of the same id.")
    return keys
