"""`giao people`: what only the operator of an exchange can do to an account. The first admin is made here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from marketplace.commands.opening import exchange
from marketplace.models.accounts import STAFF_ROLES
from marketplace.services import accounts, credentials, memberships, organisations, second_factor
from marketplace.services.accounts import Profile
from marketplace.services.policy import SYSTEM
from marketplace.work import Work, begin

EMAIL = click.argument("email")


@click.group()
def people() -> None:
    """Staff of the exchange, and accounts that must be shut or opened again."""


@people.command()
@EMAIL
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(STAFF_ROLES), help="May be given several times."
)
def staff(email: str, roles: tuple[str, ...]) -> None:
    """Give the person exactly these roles on the exchange's staff; none ends them all."""
    with _person(email) as (work, person):
        memberships.set_roles(work, SYSTEM, organisations.the_exchange(work), person.id, roles)
    click.echo(f"{email} is now {', '.join(roles) or 'not on the staff'}; sessions have ended.")


@people.command()
@EMAIL
def disable(email: str) -> None:
    """Shut an account; its sessions end at once."""
    with _person(email) as (work, person):
        accounts.disable(work, SYSTEM, person.id)
    click.echo(f"{email} cannot sign in any more.")


@people.command()
@EMAIL
def enable(email: str) -> None:
    """Open an account again that was shut."""
    with _person(email) as (work, person):
        accounts.enable(work, SYSTEM, person.id)
    click.echo(f"{email} can sign in again.")


@people.command()
@EMAIL
def reset(email: str) -> None:
    """Send a link for a new password; sessions end at once."""
    with _person(email) as (work, person):
        credentials.start_reset(work, SYSTEM, person.id)
    click.echo(f"A letter to {email} is on its way.")


@people.command("forget-second-factor")
@EMAIL
def forget_second_factor(email: str) -> None:
    """For who has lost authenticator app and recovery codes; make sure that it is the person first."""
    with _person(email) as (work, person):
        second_factor.take_away(work, SYSTEM, person.id)
    click.echo(
        f"{email} signs in by password alone until a new second factor is set up; sessions have ended."
    )


@contextmanager
def _person(email: str) -> Iterator[tuple[Work, Profile]]:
    """A transaction, and the account of this address. Raises `NotFound`."""
    with exchange() as runtime, begin(runtime) as work:
        yield work, accounts.find(work, SYSTEM, email)
