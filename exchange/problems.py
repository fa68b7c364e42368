"""What one exchange answers when it refuses the other: RFC 9457 problems with the codes of xsync/1.

A refusal concerns the whole message: nothing of it is applied. What is wrong with a single record is no refusal but a
line of the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[str, int] = {
    "malformed": 400, "digest_mismatch": 400,
    "unknown_key": 401, "bad_signature": 401, "clock_skew": 401, "replayed": 401,
    "node_suspended": 403, "forbidden_origin": 403,
    "not_found": 404, "wrong_method": 405,
    "seq_gap": 409, "forked": 409, "fenced": 409, "epoch_unknown": 409, "epoch_changed": 409,
    "cursor_in_future": 409, "node_exists": 409,
    "too_large": 413, "unsupported_media": 415, "idempotency_mismatch": 422, "protocol_unsupported": 426,
    "slow_down": 429, "unavailable": 503,
}  # fmt: skip
"""Code -> HTTP status."""

TITLES: Mapping[str, str] = {
    "malformed": "The message cannot be read",
    "digest_mismatch": "The body is not the one that was signed",
    "unknown_key": "The key may not be used any more, or not yet",
    "bad_signature": "The signature does not verify",
    "clock_skew": "The two clocks differ too much",
    "replayed": "This request was seen before",
    "node_suspended": "This exchange is suspended here",
    "forbidden_origin": "The record belongs to another exchange",
    "not_found": "There is nothing here",
    "wrong_method": "What is here is asked for in another way",
    "seq_gap": "Something before this batch is missing",
    "forked": "Another batch, or another key, already stands in this place",
    "fenced": "Another sender of this exchange has taken over",
    "epoch_unknown": "The sender's epoch is not known here",
    "epoch_changed": "The feed has begun a new epoch",
    "cursor_in_future": "The cursor is beyond the end of the feed",
    "node_exists": "An exchange of this name is enrolled",
    "too_large": "The message is too large",
    "unsupported_media": "Media type or content encoding is not supported",
    "idempotency_mismatch": "The batch id was used for other content",
    "protocol_unsupported": "This version of the protocol is not spoken here",
    "slow_down": "Too many requests",
    "unavailable": "The exchange cannot answer just now",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal. `detail` is a sentence for people; `more` holds what the code promises (`acked_seq`, …).

    `retry_after` is in seconds, and becomes the header of that name.
    """

    code: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    retry_after: int | None = None

    @property
    def status(self) -> int:
        return STATUSES[self.code]

    def as_record(self, *, trace: str, server_time: int) -> dict[str, Any]:
        """The body of the answer. `server_time` is in seconds since 1970."""
        return {
            "type": f"urn:xsync:problem:{self.code}",
            "title": TITLES[self.code],
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "trace": trace,
            "server_time": server_time,
            **self.more,
        }


class Refused(Exception):
    """The message is refused as a whole, for the reason in `problem`."""

    def __init__(self, code: str, detail: str, *, retry_after: int | None = None, **more: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.problem = Problem(code, detail, more, retry_after)
