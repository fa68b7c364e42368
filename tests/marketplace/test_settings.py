"""Each wrong setting stops the start with one sentence that begins with its name; secrets are made once."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from marketplace.settings import (
    Contact,
    Settings,
    SettingsError,
    keep_in_file,
    read_settings_file,
    write_missing_secrets,
)
from scripts.network.nodes import NATIONAL

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
SECRETS = {"SECRET_KEYS": "s" * 32, "SEALED_KEYS": f"k1:{KEY}"}


def settings(folder: Path, **more: str) -> Settings:
    return Settings.from_environment({"DATA_DIR": str(folder), **SECRETS, **more})


def test_the_defaults_need_nothing_but_secrets(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/giao.db"
    assert found.search_url == f"tantivy:{tmp_path}/index"
    assert (found.queue_url, found.mail_url) == ("database:", "console:")
    assert (found.base_url, found.loopback, found.secure) == ("http://127.0.0.1:8000", True, False)
    assert found.sealed_keys[0].key == b"k" * 32


def test_a_public_exchange_on_servers_is_well_configured(tmp_path: Path) -> None:
    found = settings(
        tmp_path, BASE_URL="https://exchange.example/", DATABASE_URL="postgresql+psycopg://giao@db/giao",
        SEARCH_URL="https://search.example:9200/giao", QUEUE_URL="redis://redis:6379/0",
        MAIL_URL="smtps://user:pass@mail.example", MAIL_FROM="giao@exchange.example", ROLE="national", NODE_ID="vn",
        TRUSTED_PROXY="127.0.0.1",
    )  # fmt: skip
    assert (found.base_url, found.loopback, found.secure) == ("https://exchange.example", False, True)


def test_capitals_in_an_address_make_it_no_less_secure(tmp_path: Path) -> None:
    found = settings(tmp_path, BASE_URL="HTTPS://Exchange.Example", MAIL_URL="smtps://u:p@mail.example")
    assert (found.base_url, found.secure) == ("https://exchange.example", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", " https://exchange.example"),
        ("BASE_URL", "https://exchange.example#top"),
        ("BASE_URL", "https://me:secret@exchange.example"),
        ("DATABASE_URL", "mysql://db/giao"),
        ("DATABASE_URL", "postgresql://db/giao"),
        ("DATABASE_URL", "postgresql+psycopg:///giao"),
        ("DATABASE_URL", "postgresql+psycopg://db:port/giao"),
        ("DATABASE_URL", "sqlite:"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "giao.db"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("MAIL_URL", "console:zzz"),
        ("QUEUE_URL", "database:x"),
        ("SCANNER_URL", "none:clamd://127.0.0.1"),
        ("SEARCH_URL", "elasticsearch://search"),
        ("SEARCH_URL", "http:///giao"),
        ("SEARCH_URL", "http://search:99999"),
        ("QUEUE_URL", "amqp://queue"),
        ("BATCHES_KEPT_DAYS", "a year"),
        ("PROBE", "yes"),
        ("BATCHES_KEPT_DAYS", "-1"),
        ("QUEUE_URL", "redis:"),
        ("MAIL_URL", "mailto:someone@example.org"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_FROM", "the exchange"),
        ("CONTACT_EMAIL", "the exchange"),
        ("CONTACT_PHONE", "ask Nam"),
        ("CONTACT_PHONE", "+84"),
        ("CONTACT_PHONE", "1 tel:javascript"),
        ("BASE_URL", "exchange.example"),
        ("BASE_URL", "ftp://exchange.example"),
        ("BASE_URL", "https://exchange.example/giao"),
        ("BASE_URL", "http://127.0.0.1:port"),
        ("BASE_URL", "http://exchange.example"),
        ("BASE_URL", "http://[::1"),
        ("NODE_ID", "Cần Thơ"),
        ("NODE_ID", "a"),
        ("NODE_ID", "x" * 32),
        ("ROLE", "regional"),
        ("NATIONAL_URL", "http://national.example"),
        ("NATIONAL_URL", "https://national.example/path"),
        ("NATIONAL_URL", "http://127.0.0.1:8100"),
        ("PEER_LOOPBACK", "yes"),
        ("SYNC_KEY_FILE", "/nowhere/key.pem"),
        ("TRUSTED_PROXY", "proxy.example"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_ADDRESS", "9464"),
        ("METRICS_ADDRESS", "127.0.0.1"),
        ("METRICS_ADDRESS", "8.8.8.8:9464"),
        ("METRICS_ADDRESS", "metrics.example:9464"),
        ("DATABASE_POOL", "1"),
        ("DATABASE_WAIT", "soon"),
        ("DATABASE_STATEMENT_LIMIT", "0"),
        ("DATABASE_LOCK_LIMIT", "-1"),
        ("SECRET_KEYS", " , "),
        ("SECRET_KEYS", "short"),
        ("SECRET_KEYS", f"{'s' * 32},short"),
        ("SEALED_KEYS", " "),
        ("SEALED_KEYS", KEY),
        ("SEALED_KEYS", f"k1:{KEY[:-2]}"),
        ("SEALED_KEYS", "k1:" + base64.b64encode(b"k" * 16).decode()),
        ("SEALED_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("SEALED_KEYS", "k1:« »"),
        ("DATA_DIR", __file__),
    ],
)
def test_a_wrong_setting_names_itself_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, **{name: value})
    said = str(error.value)
    assert said.startswith(f"{name} ")
    assert said.endswith(".")
    assert "\n" not in said


def test_who_runs_the_exchange_may_be_said_in_part(tmp_path: Path) -> None:
    assert not settings(tmp_path, RUN_BY="Sở Khoa học").contact.reachable
    found = settings(tmp_path, RUN_BY=" So\u031b\u0309 KH ", CONTACT_PHONE="(024) 3000-0000").contact
    assert found == Contact("Sở KH", "", "(024) 3000-0000")
    assert found.reachable


@pytest.mark.parametrize("name", ["SECRET_KEYS", "SEALED_KEYS"])
def test_a_missing_secret_says_what_writes_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is missing; `giao run`"):
        settings(tmp_path, **{name: ""})


def test_a_public_exchange_must_be_able_to_send_letters(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^MAIL_URL must name a mail server"):
        settings(tmp_path, BASE_URL="https://exchange.example")


def test_an_error_never_shows_a_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        settings(tmp_path, DATABASE_URL="postgres://giao:hunter2@db/giao")
    assert "hunter2" not in str(error.value)


def test_what_is_printed_of_settings_holds_no_secret(tmp_path: Path) -> None:
    """Somebody will, when looking for a mistake."""
    found = settings(
        tmp_path, DATABASE_URL="postgresql+psycopg://giao:CANARY@db/giao", QUEUE_URL="redis://:CANARY@redis:6379/0",
        SEARCH_URL="https://giao:CANARY@search.example:9200/giao", MAIL_URL="smtps://giao:CANARY@mail.example",
    )  # fmt: skip
    for secret in ("CANARY", "s" * 32, "k" * 32):
        assert secret not in repr(found)
    assert "k" * 32 not in repr(found.sealed_keys)


def test_the_file_gives_way_to_the_environment(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("# ours\n\nNODE_ID = can-tho\nROLE=national\n", encoding="utf-8")
    found = settings(tmp_path, ROLE="local")
    assert (found.node_id, found.role) == ("can-tho", "local")


@pytest.mark.parametrize("content", [b"BASE_ULR=x\n", b"nonsense\n", b"\xff\xfe"])
def test_a_file_nobody_can_use_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.env").write_bytes(content)
    with pytest.raises(SettingsError, match=r"settings\.env"):
        settings(tmp_path)


def test_a_new_install_gets_secrets_of_its_own_once(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    assert write_missing_secrets(folder)
    path = folder / "settings.env"
    before = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not write_missing_secrets(folder)
    assert path.read_text(encoding="utf-8") == before
    found = Settings.from_environment({"DATA_DIR": str(folder)})
    assert len(found.secret_keys[0]) >= 32
    assert len(found.sealed_keys[0].key) == 32


def test_only_the_missing_secret_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.env"
    path.write_text(f"SECRET_KEYS={'s' * 40}\n", encoding="utf-8")
    assert write_missing_secrets(tmp_path)
    assert path.read_text(encoding="utf-8").startswith(f"SECRET_KEYS={'s' * 40}\nSEALED_KEYS=k")


def test_a_folder_alone_stands_for_the_exchange_whose_settings_are_kept_in_it(tmp_path: Path) -> None:
    assert write_missing_secrets(tmp_path)
    path, secrets = tmp_path / "settings.env", read_settings_file(tmp_path / "settings.env")
    first, moved = NATIONAL.settings(8100), NATIONAL.settings(8200)
    assert keep_in_file(tmp_path, first)
    assert not keep_in_file(tmp_path, first)
    assert keep_in_file(tmp_path, moved), "it has moved to another port"
    assert read_settings_file(path) == secrets | moved
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = Settings.from_environment({"DATA_DIR": str(tmp_path)})
    assert (found.role, found.node_id, found.base_url) == ("national", "national", "http://127.0.0.1:8200")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^DATA_DIR names .*, which cannot be written: "):
        write_missing_secrets(in_the_way / "var")


def test_other_exchanges_are_spoken_to_openly_on_this_machine_only(tmp_path: Path) -> None:
    near = settings(tmp_path, NATIONAL_URL="http://127.0.0.1:8100/", PEER_LOOPBACK="1")
    assert (near.national_url, near.peer_loopback) == ("http://127.0.0.1:8100", True)
    public = {"BASE_URL": "https://exchange.example", "MAIL_URL": "smtps://mail.example"}
    with pytest.raises(SettingsError, match=r"^PEER_LOOPBACK"):
        settings(tmp_path, PEER_LOOPBACK="1", **public)
    with pytest.raises(SettingsError, match=r"^NATIONAL_URL"):
        settings(tmp_path, ROLE="national", NATIONAL_URL="https://national.example")


def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    key = tmp_path / "sync.key"
    key.write_text("secret")
    key.chmod(0o640)
    with pytest.raises(SettingsError, match=r"^SYNC_KEY_FILE .*chmod 600"):
        settings(tmp_path)
