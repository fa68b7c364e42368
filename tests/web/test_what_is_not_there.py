"""What this software does not have, and must not get unseen: tokens of others, sign-in elsewhere, calls between browsers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marketplace.runtime import Runtime
from tests.support.compiled import application
from tests.support.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = re.compile(
    r"oauth|openid|oidc|saml|\bjwt\b|jwks|authorize|callback|webrtc|turn:|stun:", re.IGNORECASE
)
BANNED = re.compile(
    r"\b(?:pickle|marshal|shelve)\.loads?|yaml\.load\(|hashlib\.(?:md5|sha1)\b|\bverify=False|CERT_NONE"
    r"|_create_unverified_context|check_hostname\s*=\s*False|import (?:jwt|jose)\b|RTCPeerConnection",
)


def test_no_route_signs_in_elsewhere_or_carries_calls(embedded: Runtime) -> None:
    rules = application(embedded).url_map.iter_rules()
    assert [rule.rule for rule in rules if ELSEWHERE.search(f"{rule.rule} {rule.endpoint}")] == []


def test_no_code_trusts_without_proof_or_unpacks_objects() -> None:
    folders = ("marketplace", "matching", "search", "exchange", "vocabulary")
    files = [file for folder in folders for kind in ("*.py", "*.js") for file in (ROOT / folder).rglob(kind)]
    assert len(files) > 200
    assert {f.name: found[0] for f in files if (found := BANNED.search(f.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.git/HEAD", "/.env", "/var/settings.env", "/static/", "/static/../settings.py",
     "/static/%2e%2e/app.py", "/metrics", "/debug", "/console", "/vi/static/../../pyproject.toml"],
)  # fmt: skip
def test_nothing_of_the_house_is_handed_out(embedded: Runtime, path: str) -> None:
    answer = Visitor(application(embedded)).get(path)
    assert answer.status_code in (302, 404)
    assert answer.status_code == 404 or answer.headers["Location"].startswith("/vi/")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DELETE", "PUT"])
def test_methods_nobody_offers_are_refused(embedded: Runtime, method: str) -> None:
    client = application(embedded).test_client()
    for path in ("/vi/", "/vi/sign-in", "/vi/offers"):
        answer = client.open(path, method=method, headers={"X-Canary": "canary-7f3"})
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]
        assert "canary-7f3" not in answer.text
