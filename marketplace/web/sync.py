"""The protocol xsync/1 for other exchanges: each route proves who asks, calls one service, and signs its answer."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.http import quote_etag

from exchange.changes import MOST_ROWS
from exchange.comparison import Comparison
from exchange.envelope import read_batch
from exchange.keys import KeyRecord, PublicKey
from exchange.messages import Answer, Request
from exchange.problems import Refused
from exchange.reading import Members, read_json
from exchange.sessions import SessionRequest
from exchange.signing import Signer, verify_request
from exchange.snapshots import MEDIA_TYPE, kinds_of
from marketplace.errors import TooMany
from marketplace.services import throttle
from marketplace.services.sync import changes as feeds
from marketplace.services.sync import (
    comparing,
    enrolment,
    own_card,
    own_keys,
    projecting,
    receive,
    shapes,
    snapshots,
    trust,
    watching,
)
from marketplace.services.sync import issues as problems
from marketplace.services.sync import session as sessions
from marketplace.services.sync.enrolment import Applicant
from marketplace.web.filling import address
from marketplace.web.proving import (
    JSON,
    Filed,
    Said,
    answered,
    from_peer,
    let_pass,
    now,
    plain,
    received,
    settled,
    unpacked,
)
from marketplace.web.request import begin, look, runtime
from marketplace.web.waiting import until_news

sync = Blueprint("sync", __name__, url_prefix="")

NODE = enrolment.NODE_ID


@sync.get("/.well-known/xsync")
def card() -> Response:
    return answered(lambda: own_card.card(runtime().settings))


@sync.get("/sync/v1/keys")
def keys() -> Response:
    """Our public keys, open to anyone: an exchange that wants to enrol compares them with its invitation, and one that
    knows a former key follows the hand-overs, each of which the key before has signed."""
    return answered(lambda: own_keys.key_set(runtime().settings, now()).as_record())


@sync.get("/sync/v1/schemas/<kind>/<version>.json")
def shape(kind: str, version: str) -> Response:
    """What the body of a record of this version holds; open to anyone who wants to speak the protocol."""
    return answered(lambda: shapes.schema(runtime().settings.base_url, kind, version))


@sync.post("/sync/v1/enrol")
def enrol() -> Response:
    return answered(_enrol)


@sync.post("/sync/v1/keys")
def rotate() -> Response:
    return answered(_rotate)


def _rotate() -> Said:
    """Two signatures on one request: by the key that is known, and by the one that is to follow it."""
    signer, message = let_pass("old")
    new = PublicKey.from_jwk(Members(read_json(unpacked(message))).raw("new_jwk") or {})
    record = KeyRecord(signer.node, new, now() - 1, now() + 1)
    verify_request(message, lambda node, kid: record if kid == new.kid else None, now=now(), label="new")
    try:
        with begin() as work:
            until = trust.rotate(work, signer, new)
    except Refused as refused:
        if refused.problem.code == "forked":
            with begin() as work:
                trust.alarm_forked(work, signer)
        raise
    return {"kid": new.kid, "old_until": until.isoformat(timespec="seconds")}


def _enrol() -> Said:
    message = received()
    said = Members(read_json(unpacked(message)))
    key = PublicKey.from_jwk(said.raw("jwk") or {})
    node = said.inside("node_card")
    applicant = Applicant(
        node_id=node.text("node_id", NODE), key=key, base_url=node.optional("base"),
        name_vi=node.inside("name").optional("vi"), name_en=node.inside("name").optional("en"),
    )  # fmt: skip
    record = KeyRecord(applicant.node_id, key, now() - 1, now() + 1)
    verify_request(message, lambda name, kid: record if kid == key.kid else None, now=now())
    try:
        with begin() as work:
            throttle.take(work, throttle.ENROLMENTS_ADDRESS, throttle.network(address()))
    except TooMany as error:
        raise Refused("slow_down", "too many attempts", retry_after=error.retry_after) from None
    # Burnt whatever follows, so that a token can be tried once only; not by who forgot to make a new key.
    with begin() as work:
        invitation = enrolment.burn(work, said.text("token"))
        trust.refuse_known(work, key)
    with begin() as work:
        enrolment.enrol(work, invitation, applicant)
    return plain({"state": "pending", "fingerprint": key.fingerprint}, 202)


@sync.post("/sync/v1/session")
@from_peer
def session(signer: Signer, message: Request) -> Said:
    """Handshake and heartbeat."""
    asked = SessionRequest.read(unpacked(message))
    with begin() as work:
        welcome = sessions.greet(work, signer.node, signer.kid, asked)
    return settled(welcome.written())


@sync.post("/sync/v1/batches")
@from_peer
def batches(signer: Signer, message: Request) -> Said:
    if not message.header("content-type").startswith(JSON):
        raise Refused("unsupported_media", f"a batch is {JSON}")
    batch = read_batch(unpacked(message))
    try:
        with begin() as work:
            receipt = receive.take_in(
                work,
                batch,
                message.body,
                node_id=signer.node,
                kid=signer.kid,
                fence=message.header("xs-fence"),
            )
    except Refused as refused:
        if refused.problem.code == "forked":
            with begin() as work:
                sessions.halt(work, signer.node, "forked")
        raise
    return settled(receipt)


@sync.get("/sync/v1/batches/<batch_id>")
@from_peer
def batch(signer: Signer, message: Request, batch_id: str) -> Said:
    """The answer that was lost on its way."""
    with look() as work:
        return settled(receive.stored_answer(work, signer.node, batch_id))


@sync.get("/sync/v1/changes")
@from_peer
def changes(signer: Signer, message: Request) -> Said:
    """A page of our feed; with `wait` a number of seconds that an empty one may be held back."""
    kinds = tuple(kind for kind in request.args.get("kinds", "").split(",") if kind)
    since, limit = request.args.get("since", ""), request.args.get("limit", MOST_ROWS, type=int)

    def news() -> bool:
        with look() as work:
            return feeds.has_news(work, signer.node, since=since, kinds=kinds)

    until_news(runtime(), news, seconds=request.args.get("wait", 0, type=int))
    with begin() as work:
        page = feeds.page(work, signer.node, since=since, kinds=kinds, limit=max(1, limit))
    return settled(page.written())


@sync.get("/sync/v1/snapshot")
@from_peer
def snapshot(signer: Signer, message: Request) -> Said:
    """All that the asker may see of our feed at one moment, which is remembered as read by him."""
    kinds = kinds_of(request.args.get("kinds", ""))
    with snapshots.place(runtime()), look() as work:
        taken = snapshots.take(work, signer.node, kinds)
    with begin() as work:
        feeds.hand(work, signer.node, taken.head.cursor)
    headers = (("Content-Type", MEDIA_TYPE), ("Content-Encoding", "gzip"))
    return Filed(headers, taken.file, taken.size, taken.digest)


@sync.get("/sync/v1/records/<uid>")
@from_peer
def record(signer: Signer, message: Request, uid: str) -> Said:
    """The record as it stands, or 304 for whoever names the ETag of this revision."""
    with look() as work:
        found = feeds.own_records(work, [uid], reader=signer.node)
    if not found:
        raise Refused("not_found", "there is no such record for you here")
    etag = ("ETag", quote_etag(found[0].tag))
    if request.if_none_match.contains_weak(found[0].tag):
        return Answer(304, (etag,), b"")
    return plain(found[0].as_record()).with_headers(etag)


@sync.post("/sync/v1/records/fetch")
@from_peer
def records(signer: Signer, message: Request) -> Said:
    uids = Members(read_json(unpacked(message))).texts("ids", most=MOST_ROWS)
    with look() as work:
        found = feeds.own_records(work, uids, reader=signer.node)
    return {"items": [item.as_record() for item in found]}


@sync.post("/sync/v1/reconcile")
@from_peer
def reconcile(signer: Signer, message: Request) -> Said:
    asked = Comparison.read(unpacked(message))
    with begin() as work:
        return settled(comparing.answer(work, signer.node, asked))


@sync.get("/sync/v1/issues")
@from_peer
def issues(signer: Signer, message: Request) -> Said:
    """What is held or was refused of the asker's records, oldest first; closed ones too."""
    with look() as work:
        found = problems.opened(work, signer.node, since=request.args.get("since", ""))
        return {"issues": [{"id": one.id, **problems.as_body(one)} for one in found]}


@sync.post("/sync/v1/issues/<issue_id>/retry")
@from_peer
def retry_issue(signer: Signer, message: Request, issue_id: str) -> Said:
    """Look at the record again."""
    with begin() as work:
        return {"projection": projecting.retry(work, signer.node, issue_id)}


@sync.get("/sync/v1/status")
@from_peer
def status(signer: Signer, message: Request) -> Said:
    """How the asker stands here."""
    with look() as work:
        return watching.of_peer(work, signer.node)
