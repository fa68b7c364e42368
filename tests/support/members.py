"""People with an account who can sign in on the page, in the organisations they work for."""

from __future__ import annotations

from marketplace.db import new_id
from marketplace.models.accounts import Membership
from marketplace.runtime import Runtime
from marketplace.services import accounts
from marketplace.services.policy import SYSTEM
from marketplace.work import begin
from tests.support.people import organisation

PASSWORD = "ruộng bậc thang mùa nước đổ"


def join(runtime: Runtime, email: str, role: str, organisation_id: str, *, name: str = "Trần Minh") -> str:
    """A new confirmed account that holds `role` in this organisation; its id."""
    asked = accounts.registration(
        email=email, name=name, password=PASSWORD, language="vi", terms_version=accounts.TERMS_VERSION
    )
    with begin(runtime) as work:
        user_id = accounts.open_account(work, SYSTEM, asked)
        work.session.add(
            Membership(
                id=new_id(), user_id=user_id, organisation_id=organisation_id, role=role, since=work.now
            )
        )
    return user_id


def enterprise(runtime: Runtime, name: str = "Hợp tác xã Tôm Năm Căn") -> str:
    """A new organisation; its id."""
    with begin(runtime) as work:
        return organisation(work, name)


def moderator(runtime: Runtime, email: str = "duyet@example.org") -> str:
    """Somebody who moderates this exchange; the e-mail to sign in with."""
    with begin(runtime) as work:
        own = organisation(work, "Sàn thử nghiệm", is_exchange=True)
    join(runtime, email, "moderator", own, name="Lê Thu")
    return email
