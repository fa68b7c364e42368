"""Who said it, and that nobody changed it on the way."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from exchange.keys import OVERLAP, KeyRecord, KeyState, PrivateKey, PublicKey
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.signing import (
    SKEW,
    Signature,
    Unproven,
    content_digest,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from tests.exchange.making import NOW, known_key

KEY, OTHER = PrivateKey.generated(), PrivateKey.generated()
NONCE = "n" * 22
BODY = gzip.compress(b'{"protocol":"xsync/1"}', mtime=0)
REQUEST = Request(
    "POST",
    "https://national.example/sync/v1/batches?a=1&b=%20",
    (
        ("XS-Node", "cantho"),
        ("XS-Fence", "f1"),
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
    ),
    BODY,
)
ASKED = Request("GET", "https://national.example/sync/v1/status", (("XS-Node", "cantho"),))


def find(node: str, kid: str) -> KeyRecord | None:
    return known_key(KEY) if (node, kid) == ("cantho", KEY.kid) else None


def signed(request: Request = REQUEST, key: PrivateKey = KEY, created: int = NOW) -> Request:
    return sign_request(request, key, Signature(created, NONCE))


def refusal(request: Request, now: int = NOW) -> str:
    with pytest.raises(Refused) as refused:
        verify_request(request, find, now=now)
    return refused.value.problem.code


@pytest.mark.parametrize("request_", [REQUEST, ASKED])
def test_a_signed_request_names_its_node_key_and_nonce(request_: Request) -> None:
    signer = verify_request(signed(request_), find, now=NOW)
    assert (signer.node, signer.kid, signer.nonce, signer.created) == ("cantho", KEY.kid, NONCE, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"url": "https://other.example/sync/v1/batches?a=1&b=%20"},
        {"url": "https://national.example/sync/v1/session?a=1&b=%20"},
        {"url": "https://national.example/sync/v1/batches?a=1&b=+"},
    ],
)
def test_a1_method_place_and_question_cannot_be_changed(changed: dict[str, str]) -> None:
    assert refusal(replace(signed(), **changed)) == "bad_signature"


@pytest.mark.parametrize(
    "name", ["XS-Node", "XS-Fence", "Content-Type", "Content-Encoding", "Content-Digest"]
)
def test_a1_no_signed_header_can_be_changed_or_left_out(name: str) -> None:
    assert refusal(signed().with_headers((name, "other"))) == "bad_signature"
    without = tuple(pair for pair in signed().headers if pair[0] != name)
    assert refusal(replace(signed(), headers=without)) == "bad_signature"


def test_a_header_that_was_added_to_a_signed_request_is_refused() -> None:
    assert refusal(signed(ASKED).with_headers(("XS-Fence", "f2"))) == "bad_signature"


def test_a1_a_wrong_key_an_unknown_node_and_a_wrong_signature_read_the_same() -> None:
    details = set()
    for request in (
        signed(key=OTHER),
        signed(REQUEST.with_headers(("XS-Node", "nobody"))),
        signed().with_headers(("Signature", "sig1=:" + "A" * 86 + "==:")),
    ):
        with pytest.raises(Refused) as refused:
            verify_request(request, find, now=NOW)
        details.add((refused.value.problem.code, refused.value.problem.detail))
    assert len(details) == 1


def test_a1_a_revoked_key_is_refused_to_its_owner_by_name() -> None:
    with pytest.raises(Refused) as refused:
        verify_request(signed(), lambda *_: known_key(KEY, revoked_at=NOW - 1), now=NOW)
    assert refused.value.problem.code == "unknown_key"


@pytest.mark.parametrize("algorithm", ["none", "hmac-sha256", "rsa-v1_5-sha256"])
def test_a1_an_algorithm_named_in_the_message_is_not_obeyed(algorithm: str) -> None:
    said = signed().header("signature-input") + f';alg="{algorithm}"'
    assert refusal(signed().with_headers(("Signature-Input", said))) == "bad_signature"


def test_a1_an_exchange_cannot_use_the_key_of_another() -> None:
    request = signed(REQUEST.with_headers(("XS-Node", "hue")))
    with pytest.raises(Refused) as refused:
        verify_request(request, lambda node, kid: known_key(KEY), now=NOW)
    assert refused.value.problem.code == "bad_signature"


@pytest.mark.parametrize("off", [SKEW + 1, -SKEW - 1, 31 * 86_400, 365 * 86_400, -3_600])
def test_a3_f10_a_signature_of_another_time_is_refused(off: int) -> None:
    assert refusal(signed(), now=NOW + off) == "clock_skew"


@pytest.mark.parametrize("off", [SKEW, -SKEW])
def test_a3_clocks_may_differ_by_five_minutes(off: int) -> None:
    assert verify_request(signed(), find, now=NOW + off).created == NOW


def test_a5_another_body_under_the_signed_digest_is_refused() -> None:
    assert refusal(replace(signed(), body=gzip.compress(b"{}", mtime=0))) == "digest_mismatch"


def test_a5_a_body_without_a_digest_is_refused() -> None:
    assert refusal(replace(signed(ASKED), body=b"{}")) == "bad_signature"


def test_a5_two_digests_are_refused() -> None:
    twice = signed()
    twice = replace(twice, headers=(*twice.headers, ("Content-Digest", content_digest(b"{}"))))
    assert refusal(twice) == "malformed"
    joined = REQUEST.with_headers(("Content-Digest", f"{content_digest(BODY)}, {content_digest(b'{}')}"))
    headers = dict(joined.headers)
    del headers["Content-Digest"]
    good = signed(replace(REQUEST, headers=tuple(headers.items())))
    assert refusal(good.with_headers(("Content-Digest", joined.header("content-digest")))) == "bad_signature"


@pytest.mark.parametrize("nonce", ["", "short", "n" * 65, "n" * 21 + "!"])
def test_a_nonce_has_128_bits(nonce: str) -> None:
    assert refusal(sign_request(REQUEST, KEY, Signature(NOW, nonce))) == "bad_signature"


def test_a_rotation_is_signed_by_the_old_key_and_by_the_new() -> None:
    both = sign_request(signed(REQUEST, KEY), OTHER, Signature(NOW, NONCE, "new"))
    relabelled = sign_request(
        sign_request(REQUEST, KEY, Signature(NOW, NONCE, "old")), OTHER, Signature(NOW, NONCE, "new")
    )
    assert refusal(both) == "bad_signature"
    assert verify_request(relabelled, find, now=NOW, label="old").kid == KEY.kid
    assert verify_request(relabelled, lambda *_: known_key(OTHER), now=NOW, label="new").kid == OTHER.kid


def test_an_answer_proves_what_was_answered_to_which_request() -> None:
    answer = sign_answer(Answer(200, (), b"{}"), signed(), OTHER, Signature(NOW, NONCE))

    def national(node: str, kid: str) -> KeyRecord | None:
        return known_key(OTHER, "national") if (node, kid) == ("national", OTHER.kid) else None

    assert verify_answer(answer, signed(), national, node="national") == OTHER.kid
    other = sign_request(REQUEST, KEY, Signature(NOW + 1, NONCE))
    for forged in (
        (replace(answer, status=201), signed()),
        (replace(answer, body=b"[]"), signed()),
        (answer, other),
        (Answer(200, (), b"{}"), signed()),
    ):
        with pytest.raises(Unproven):
            verify_answer(*forged, national, node="national")


def test_f27_a_page_of_a_proxy_is_no_answer() -> None:
    page = Answer(200, (("Content-Type", "text/html"),), b"<html>Welcome</html>")
    with pytest.raises(Unproven):
        verify_answer(page, signed(), find, node="cantho")


def test_a_key_has_the_thumbprint_of_rfc_8037_appendix_a3() -> None:
    key = PublicKey.from_jwk(
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    )
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "jwk", [{}, {"kty": "OKP", "crv": "X25519", "x": "A" * 43}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
            {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": "A" * 43}, {"kty": "OKP", "crv": "Ed25519", "x": 7}]
)  # fmt: skip
def test_only_a_public_ed25519_key_is_taken(jwk: dict[str, object]) -> None:
    with pytest.raises(Refused):
        PublicKey.from_jwk(jwk)


def test_a_private_key_survives_its_file_and_shows_itself_nowhere() -> None:
    assert PrivateKey.from_pem(KEY.pem) == KEY
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)


def test_a_key_waits_speaks_retires_and_ends() -> None:
    record = known_key(KEY)
    assert record.state(record.not_before - 1) is KeyState.WAITING
    assert record.state(NOW) is KeyState.ACTIVE
    replaced = replace(record, replaced_at=NOW)
    assert replaced.state(NOW + OVERLAP - 1) is KeyState.RETIRING
    assert replaced.state(NOW + OVERLAP) is KeyState.ENDED
    assert record.state(record.not_after) is KeyState.ENDED
    assert replace(record, revoked_at=NOW).state(NOW) is KeyState.REVOKED
