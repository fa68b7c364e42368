"""Not too often: how many times something may be tried, per account, per network address or per mailbox.

What is counted is what was typed or where it came from, never whether such an account exists, so that being
slowed down tells nobody anything. Keys are stored as keyed hashes: the table holds no address in the clear.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from sqlalchemy import delete, select

from marketplace.db import new_id
from marketplace.errors import TooMany
from marketplace.models.accounts import Attempt
from marketplace.services.locks import alone
from marketplace.work import Work


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within the last `within`, for each subject."""

    name: str
    most: int
    within: timedelta


SIGN_IN_ACCOUNT = Limit("sign_in.account", 10, timedelta(minutes=15))
"""Failed sign-ins to one account. NIST SP 800-63B 5.2.2 allows 100 in a row and then wants another way in. Ten
a quarter of an hour let the forgetful in again by themselves, and a guesser not even a thousand a day."""
SIGN_IN_ADDRESS = Limit("sign_in.address", 50, timedelta(minutes=15))
"""Failed sign-ins from one network address, over all accounts; a whole office may share one."""
REGISTER_ADDRESS = Limit("register.address", 30, timedelta(hours=1))
LETTERS_ADDRESS = Limit("letters.address", 30, timedelta(hours=1))
"""Letters asked for from one network address."""
LETTERS_MAILBOX = Limit("letters.mailbox", 5, timedelta(hours=1))
"""Letters a stranger can make us send to one mailbox."""
INVITATIONS = Limit("invitations", 50, timedelta(hours=24))
"""Invitations written by one person."""
FOUNDINGS = Limit("foundings", 10, timedelta(hours=24))
"""Organisations founded by one person."""
DENIALS_ADDRESS = Limit("denials.address", 30, timedelta(minutes=15))
"""Refusals that are written to the audit for one network address; the rest would only bury them."""
ENROLMENTS_ADDRESS = Limit("enrolments.address", 10, timedelta(hours=1))
"""Attempts of a node to enrol, from one network address: a token has 256 bits, this only keeps the log short."""

LONGEST = INVITATIONS.within


def take(work: Work, limit: Limit, subject: str) -> str:
    """Count one more try; its id, for `give_back`. Raises `TooMany`, counting nothing, when none is left.

    Counted before the outcome is known and in its own short transaction, so that a thousand tries sent at
    once pass one by one.
    """
    key = _key(work, limit, subject)
    alone(work, key)
    recent = select(Attempt.at).where(Attempt.key == key, Attempt.at > work.now - limit.within)
    times = work.session.scalars(recent.order_by(Attempt.at.desc()).limit(limit.most)).all()
    if len(times) >= limit.most:
        raise TooMany(_seconds_until(times[-1] + limit.within, work.now))
    attempt = Attempt(id=new_id(), key=key, at=work.now)
    work.session.add(attempt)
    return attempt.id


def give_back(work: Work, attempt_id: str) -> None:
    """Take one try from the count: it was no mistake."""
    work.session.execute(delete(Attempt).where(Attempt.id == attempt_id))


def forget(work: Work, limit: Limit, subject: str) -> None:
    """Begin to count anew: the person has shown that the account is theirs."""
    work.session.execute(delete(Attempt).where(Attempt.key == _key(work, limit, subject)))


def sweep(work: Work) -> None:
    """Remove what no limit looks at any more."""
    work.session.execute(delete(Attempt).where(Attempt.at <= work.now - LONGEST))


def network(address: str) -> str:
    """What one household or office is likely to hold: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)


def _key(work: Work, limit: Limit, subject: str) -> str:
    secret = work.runtime.settings.secret_keys[0]
    return hmac.new(secret, f"{limit.name} {subject}".encode(), "sha256").hexdigest()


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(1, ceil((moment - now).total_seconds()))
