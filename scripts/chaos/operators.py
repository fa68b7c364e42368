"""What the operators of the exchanges of a run do: invite, enrol, let in, hurry."""

from __future__ import annotations

from typing import Any

from marketplace import sync_key
from marketplace.enrolling import enrol
from marketplace.runtime import Runtime
from marketplace.services import throttle
from marketplace.services.policy import SYSTEM, Actor
from marketplace.services.sync import choosing, enrolment
from marketplace.work import begin
from scripts.chaos.people import Said

ADMINS = tuple(
    Actor(user_id=f"admin-{name}", name=name, staff=frozenset({"admin"}), confirmed=True) for name in "ab"
)


def invite(runtime: Runtime, asked: Said) -> dict[str, Any]:
    with begin(runtime) as work:
        invited = enrolment.invite(work, SYSTEM, asked["node"])
    return {
        "token": invited.token,
        "fingerprint": sync_key.read(runtime.settings.key_file).public.fingerprint,
    }


def enter(runtime: Runtime, asked: Said) -> dict[str, Any]:
    enrol(runtime, asked["token"], asked["fingerprint"])
    return {"kid": sync_key.read(runtime.settings.key_file).kid}


def approve(runtime: Runtime, asked: Said) -> dict[str, Any]:
    for admin in ADMINS:
        with begin(runtime) as work:
            enrolment.approve(work, admin, asked["kid"])
    return {}


def push(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """What the operator's «try now» and «compare» do."""
    with begin(runtime) as work:
        (choosing.compare if asked.get("compare") else choosing.try_now)(work, SYSTEM)
    return {}


def forgive(runtime: Runtime, asked: Said) -> dict[str, Any]:
    """Forget how many exchanges have lately enrolled from this machine."""
    with begin(runtime) as work:
        throttle.forget(work, throttle.ENROLMENTS_ADDRESS, throttle.network("127.0.0.1"))
    return {}
