"""Who said it, and that nobody changed it: RFC 9421 signatures with Ed25519, RFC 9530 digests, on requests and answers.

The signature library builds and checks the signature base. What is ours: which components and parameters xsync/1 wants,
the clock (an argument, ±300 s), the digest over the bytes as received, and that an unknown exchange, an unknown key and
a wrong signature cannot be told from each other, neither by the answer nor by the work done for it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from exchange.keys import KeyRecord, PrivateKey
from exchange.messages import Answer, Headers, Request
from exchange.problems import Refused

TAG = "xsync-1"
LABEL = "sig1"
LIFE = 120
"""Seconds after `created` that a signature may name as its end."""
SKEW = 300
"""Seconds by which the clocks of two exchanges may differ."""
NONCES_KEPT = 600
"""Seconds for which the nonces of a key are remembered: twice `SKEW`, so that every replay inside the window is seen."""
LONGEST_HEADER = 2_048

ALWAYS = ("@method", "@authority", "@path", "@query", "xs-node")
WITH_BODY = ("content-digest", "content-type")
WHEN_SENT = ("content-encoding", "xs-fence")
ANSWERED = ("@status", "content-digest", '"signature";req')
SINGLE = frozenset({*WITH_BODY, *WHEN_SENT, "xs-node", "signature", "signature-input"})
"""Headers that may stand once only: of two, a proxy and we might each believe another."""

_LETTERS = re.compile(r"[\t\x20-\x7e]+")
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")
_NOBODY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"nobody").digest()).public_key()
"""The key against which a signature of nobody we know is checked, so that it takes the same time."""
_REFUSAL = "node, key or signature is wrong"


@dataclass(frozen=True, slots=True)
class Signature:
    """What goes with a signature: when it was made (seconds since 1970), a nonce of 128 bits, and its label."""

    created: int
    nonce: str
    label: str = LABEL


@dataclass(frozen=True, slots=True)
class Signer:
    """Who has proved to have signed a request."""

    node: str
    kid: str
    nonce: str
    created: int
    key: KeyRecord


class Unproven(ValueError):
    """An answer is not signed by the peer, or not for this request. It counts as no answer at all."""


Find = Callable[[str, str], KeyRecord | None]
"""(node, kid) -> what is known of that key of that node, also when it may not be used any more."""


def content_digest(body: bytes) -> str:
    return digest_header(hashlib.sha256(body).digest())


def digest_header(sha256: bytes) -> str:
    """A SHA-256 digest as the header `Content-Digest` has it."""
    return f"sha-256=:{b64encode(sha256).decode()}:"


def required(request: Request) -> tuple[str, ...]:
    """The components a signature of this request must cover. More is allowed, less is refused."""
    sent = {name.lower() for name, _ in request.headers}
    body = WITH_BODY if request.body or "content-digest" in sent else ()
    return (*ALWAYS, *body, *(name for name in WHEN_SENT if name in sent))


def sign_request(request: Request, key: PrivateKey, signature: Signature) -> Request:
    """The request with digest and signature. A second call with another label adds a second signature."""
    if request.body:
        request = request.with_headers(("Content-Digest", content_digest(request.body)))
    headers = dict(request.headers)
    _sign(_Outgoing(request.method, request.url, headers), key, signature, required(request))
    return Request(request.method, request.url, tuple(headers.items()), request.body)


def sign_answer(
    answer: Answer, request: Request, key: PrivateKey, signature: Signature, *, digest: str = ""
) -> Answer:
    """The answer with digest and a signature that covers the one of the request, so that both prove the exchange.

    `digest` is that of a body that is too large to be held, and is sent by somebody else. A request without a signature
    that can be covered, as none is in other letters than those of a header, gets its answer with the digest alone.
    """
    answer = answer.with_headers(("Content-Digest", digest or content_digest(answer.body)))
    if _LETTERS.fullmatch(request.header("signature")) is None:
        return answer
    headers = dict(answer.headers)
    _sign(_Returning(answer.status, headers, _seen(request)), key, signature, ANSWERED)
    return Answer(answer.status, tuple(headers.items()), answer.body)


def verify_request(request: Request, find: Find, *, now: int, label: str | None = None) -> Signer:
    """Who signed the request. The nonce is still to be looked up by the caller, who remembers nonces.

    Raises `Refused`: `bad_signature`, `clock_skew`, `unknown_key` (only to the owner of a key that was good once),
    `digest_mismatch`.
    """
    _refuse_doubled(request.headers)
    node = request.header("xs-node")
    keys = _Keys(lambda kid: find(node, kid))
    verifier = _Verifier(keys, now)
    try:
        results = verifier.verify(
            _seen(request),
            expect_tag=TAG,
            expect_label=label,
            max_age=None,
            require_components=required(request),
        )
    except HTTPMessageSignaturesException:
        raise Refused("bad_signature", _REFUSAL) from None
    record = keys.found
    if len(results) != 1 or record is None or record.node != node:
        raise Refused("bad_signature", _REFUSAL)
    if not record.usable(now):
        raise Refused("unknown_key", f"the key is {record.state(now)}")
    if request.body or request.header("content-digest"):
        _compare_digest(request.header("content-digest"), content_digest(request.body))
    said = results[0].parameters
    return Signer(node, str(said["keyid"]), str(said["nonce"]), int(said["created"]), record)


def verify_answer(answer: Answer, request: Request, find: Find, *, node: str, digest: str = "") -> str:
    """The kid of `node` by which the answer to this request is signed.

    The clock is not asked: the signature covers that of the request, which is younger than any answer to another.
    `digest` is that of a body that is too large to be held, and was received elsewhere. Raises `Unproven`.
    """
    keys = _Keys(lambda kid: find(node, kid))
    try:
        _refuse_doubled(answer.headers)
        results = _Verifier(keys, None).verify(
            _Returning(answer.status, dict(answer.headers), _seen(request)),
            expect_tag=TAG, max_age=None, require_components=ANSWERED,
        )  # fmt: skip
        _compare_digest(answer.header("content-digest"), digest or content_digest(answer.body))
    except (HTTPMessageSignaturesException, Refused) as error:
        raise Unproven(str(error)) from None
    if len(results) != 1 or keys.found is None:
        raise Unproven("not signed by the exchange that was asked")
    return keys.found.kid


@dataclass(slots=True)
class _Outgoing:
    """A request as the signature library wants to see it."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class _Returning:
    status_code: int
    headers: dict[str, str]
    request: _Outgoing


class _Keys(HTTPSignatureKeyResolver):
    """Finds a key, remembers what was found, and gives nobody's key for one that is unknown."""

    def __init__(self, find: Callable[[str], KeyRecord | None]) -> None:
        self._find = find
        self.found: KeyRecord | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        self.found = self._find(key_id)
        return _NOBODY if self.found is None else self.found.key.loaded()


class _Own(HTTPSignatureKeyResolver):
    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self._key.loaded()


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with our clock, and with all parameters of xsync/1 asked for."""

    def __init__(self, keys: _Keys, now: int | None) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=keys)
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        said = sig_input.params
        created, expires, nonce = said.get("created"), said.get("expires"), said.get("nonce")
        if type(created) is not int or type(expires) is not int or not created < expires <= created + LIFE:
            raise Refused("bad_signature", _REFUSAL)
        if not isinstance(nonce, str) or _NONCE.fullmatch(nonce) is None or "keyid" not in said:
            raise Refused("bad_signature", _REFUSAL)
        if self._now is not None and abs(self._now - created) > SKEW:
            raise Refused("clock_skew", f"signed {created - self._now:+d} s from the time here")


def _sign(
    message: _Outgoing | _Returning, key: PrivateKey, said: Signature, covered: tuple[str, ...]
) -> None:
    HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Own(key)).sign(
        message,
        key_id=key.kid,
        created=datetime.fromtimestamp(said.created, UTC),
        expires=datetime.fromtimestamp(said.created + LIFE, UTC),
        nonce=said.nonce,
        label=said.label,
        tag=TAG,
        include_alg=False,
        covered_component_ids=covered,
        append_if_signature_exists=True,
        use_existing_digest="content-digest" in covered,
    )


def _seen(request: Request) -> _Outgoing:
    return _Outgoing(request.method, request.url, dict(request.headers))


def _refuse_doubled(headers: Headers) -> None:
    names = [name.lower() for name, _ in headers]
    doubled = next((name for name in SINGLE if names.count(name) > 1), None)
    if doubled is not None:
        raise Refused("malformed", f"the header {doubled} stands twice")
    if any(len(value) > LONGEST_HEADER for name, value in headers if name.lower() in SINGLE):
        raise Refused("malformed", f"a header is longer than {LONGEST_HEADER} characters")


def _compare_digest(said: str, found: str) -> None:
    """One SHA-256 digest of the bytes as received, before they are unpacked."""
    if not hmac.compare_digest(said.encode(), found.encode()):
        raise Refused(
            "digest_mismatch", "Content-Digest must be the SHA-256 of the body as sent, and that alone"
        )
