"""Requests of other exchanges: as they came over the wire, proved, let pass once, and answered with a signature.

The order is that of the protocol: size, headers, key, age, signature, digest of the bytes as received; only then is
anything unpacked or read.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, BinaryIO

from flask import Response, g, request
from werkzeug.wsgi import wrap_file

from exchange.messages import Answer, Headers, Request
from exchange.problems import MEDIA_TYPE, STATUSES, TITLES, Problem, Refused
from exchange.reading import MOST_BYTES, NUL, unpack
from exchange.signing import Signature, Signer, sign_answer, verify_request
from marketplace.services import audit
from marketplace.services.policy import VISITOR
from marketplace.services.sync import own_keys, trust
from marketplace.web.filling import address
from marketplace.web.request import begin, look, runtime

JSON = "application/json"
UNPROVEN = 401
"""The status of whoever is not believed to be who it says."""
_KEYID = re.compile(r';keyid="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Filed:
    """A good answer whose body lies in `file`, which is at its beginning, for it may be too large to be held."""

    headers: Headers
    file: BinaryIO
    size: int
    digest: str
    """As `Content-Digest` has it."""


Said = dict[str, Any] | Answer | Filed
"""What a view answers: plain data, or an answer whose bytes are settled."""
View = Callable[..., Said]
PLACES = ("/sync/v1/", "/.well-known/xsync")
"""Where other exchanges ask: what is refused there is no page but a problem, too."""
BY_STATUS: Mapping[int, str] = {
    status: code for code, status in STATUSES.items() if status in (404, 405, 413, 415, 503)
}
"""Status -> the code of the protocol for what no view has refused."""


def received() -> Request:
    """The request as it was sent: raw path and query, under the address others know us by. Raises `Refused`."""
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES} bytes", max_bytes=MOST_BYTES)
    body = request.stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Refused("too_large", f"more than {MOST_BYTES} bytes", max_bytes=MOST_BYTES)
    return Request(request.method, _address(), tuple(request.headers.items()), body)


def _address() -> str:
    target = request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    return runtime().settings.base_url + str(target)


def from_peer(view: View) -> Callable[..., Response]:
    """Only for exchanges that are ours. The view gets who asks and the request."""

    @wraps(view)
    def answer(**values: Any) -> Response:
        return answered(lambda: view(*let_pass(), **_sayable(values)))

    return answer


def _sayable(values: dict[str, Any]) -> dict[str, Any]:
    """What the path names. Raises `Refused` where path or query hold what no name does and no database takes, and where the
    query says one thing twice, which different programs read differently (OWASP ASVS 5.0, 15.3.7)."""
    for name, said in request.args.lists():
        if len(said) > 1:
            raise Refused("malformed", f"{name[:40]}: may stand once only", path=f"/{name[:40]}")
    if any(NUL in one for one in (*values.values(), *request.args.values())):
        raise Refused("malformed", "NUL is no character of a name")
    return values


def answered(speak: Callable[[], Said]) -> Response:
    """What `speak` says, or why it is refused, signed."""
    try:
        said = speak()
    except Refused as refused:
        if refused.problem.status == UNPROVEN:
            _note(refused.problem)
        said = _refusal(refused.problem)
    if isinstance(said, Filed):
        return _sent(said)
    return _signed(said if isinstance(said, Answer) else plain(said))


def is_of_exchanges() -> bool:
    """Whether it is asked for by the protocol, be there such an address or not."""
    return request.path.startswith(PLACES)


def turned_away(status: int, *, retry_after: int | None = None) -> Response:
    """What did not come as far as a view, or found the exchange without one of its servers."""
    code = BY_STATUS.get(status, "malformed" if status < 500 else "unavailable")
    return _signed(_refusal(Problem(code, TITLES[code], retry_after=retry_after)))


def plain(said: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", JSON),), json.dumps(said, ensure_ascii=False).encode())


def settled(body: bytes, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", JSON),), body)


def unpacked(message: Request) -> bytes:
    """The body as text. Raises `Refused`."""
    return unpack(message.body, encoding=message.header("content-encoding"))


def now() -> int:
    return int(runtime().clock().timestamp())


def let_pass(label: str | None = None) -> tuple[Signer, Request]:
    """Who asks, and what; `label` names the signature where a request has two. Raises `Refused`."""
    message = received()
    with look() as work:
        signer = verify_request(message, trust.finder(work), now=now(), label=label)
    # Its own short transaction: the signature is used up whatever becomes of the request.
    with begin() as work:
        trust.admit(work, signer)
    runtime().pace.take(signer.node, runtime().clock())
    return signer, message


def _note(problem: Problem) -> None:
    """Into the audit log, as it called itself."""
    kid = _KEYID.search(request.headers.get("Signature-Input", ""))
    with begin() as work:
        audit.denied(
            work, VISITOR, request.endpoint or "", address=address(), code=problem.code,
            node=request.headers.get("XS-Node", ""), kid=kid[1] if kid else "",
        )  # fmt: skip


def _refusal(problem: Problem) -> Answer:
    record = problem.as_record(trace=g.trace, server_time=now())
    headers: tuple[tuple[str, str], ...] = (("Content-Type", MEDIA_TYPE),)
    if problem.retry_after is not None:
        headers = (*headers, ("Retry-After", str(problem.retry_after)))
    return Answer(problem.status, headers, json.dumps(record, ensure_ascii=False).encode())


def _signed(answer: Answer, digest: str = "") -> Response:
    """Signed over the signature of the request; one without any gets an answer without."""
    if "Signature" in request.headers:
        asked = Request(request.method, _address(), tuple(request.headers.items()))
        key = own_keys.signing(runtime().settings, now())
        said = Signature(now(), secrets.token_urlsafe(16))
        answer = sign_answer(answer, asked, key, said, digest=digest)
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent(filed: Filed) -> Response:
    """The file as it lies there, a piece at a time, closed by the server when it has been sent."""
    response = _signed(Answer(200, filed.headers), filed.digest)
    response.response = wrap_file(request.environ, filed.file)
    response.direct_passthrough = True
    response.content_length = filed.size
    return response
