"""What somebody signed in gives once more before something grave: the password, and a code of the second factor."""

from __future__ import annotations

from marketplace.errors import Invalid
from marketplace.services import codes, sign_in
from marketplace.services.codes import Given
from marketplace.services.sign_in import Proof
from marketplace.web.filling import address, typed
from marketplace.web.request import actor, begin
from vocabulary.problems import Problem


def password_given() -> Proof:
    """The password once more. Raises `Invalid`, and `TooMany` for a guesser."""
    with begin() as work:
        knock = sign_in.knock_again(work, actor(), address=address())
    proof = knock.proof(typed("current_password"))
    if proof is None:
        with begin() as work:
            sign_in.turn_away(work, actor(), knock)
        raise Invalid([Problem("current_password", "password_wrong")])
    return proof


def code_given(user_id: str) -> Given:
    """A code of this person's. Raises `Invalid`, and `TooMany` for a guesser. The code is used up."""
    with begin() as work:
        tried = codes.knock(work, user_id)
    with begin() as work:
        given = codes.take(work, user_id, typed("code"), tried=tried)
    if given is None:
        raise Invalid([Problem("code", "code_wrong")])
    return given
