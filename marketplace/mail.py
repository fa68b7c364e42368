"""Letters: written in the receiver's language, as text and as simple HTML, and handed to a mail server.

Rendered by Jinja with `marketplace.languages` directly, for a worker has no Flask. The templates
`email/<letter>.txt` and `.html` say the same; the subject is the message `mail.<letter>.subject`.
"""

from __future__ import annotations

import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TextIO
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from marketplace import formats
from marketplace.languages import catalogue, direction
from marketplace.settings import is_loopback

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
TIMEOUT = 20.0  # seconds for each answer of the mail server
LARGEST_HTML = 20_000  # bytes; larger ones are cut off by common mail programs
FORMATS = (formats.number, formats.money, formats.date, formats.date_long, formats.moment)
"""Filters of the templates, in the letter's language."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter to one person. `message_id` is the Message-ID it goes out under."""

    to: str
    subject: str
    text: str
    html: str
    language: str
    message_id: str

    def as_message(self, sender: str) -> EmailMessage:
        """The letter as RFC 5322 wants it, HTML as the alternative. No line break can enter a header."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, self.to, self.subject
        message["Date"], message["Message-ID"] = formatdate(), self.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        message["Content-Language"] = self.language
        return message


class Mailer(Protocol):
    """Hands letters on. Raises `OSError`, of which `SMTPException` is one; the job then tries again."""

    def send(self, mail: Mail) -> None: ...


@dataclass(frozen=True, slots=True)
class ConsoleMailer:
    """Prints the text of each letter, for an exchange on the own machine."""

    sender: str
    out: TextIO

    def send(self, mail: Mail) -> None:
        rule = "─" * 72
        head = f"{rule}\nTo: {mail.to}\nSubject: {mail.subject}\n"
        print(f"{head}\n{mail.text.strip()}\n{rule}", file=self.out, flush=True)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Gives each letter to a mail server: `smtps:` encrypted from the start, `smtp:` by STARTTLS.

    Only a server on this machine may be spoken to in the clear; any other must show a valid certificate.
    """

    url: str
    sender: str
    in_the_clear: bool
    """Whether the server may be spoken to without encryption: it is on this machine."""

    def send(self, mail: Mail) -> None:
        try:
            with self._connected() as server:
                server.send_message(mail.as_message(self.sender))
        except smtplib.SMTPRecipientsRefused as refused:
            # Its own words hold the address, which is in no log.
            codes = sorted({code for code, _ in refused.recipients.values()})
            raise OSError(f"the mail server refuses the address of the receiver ({codes})") from None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        place, certain = urlsplit(self.url), ssl.create_default_context()
        host = place.hostname or "localhost"
        server: smtplib.SMTP
        if place.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, place.port or 465, timeout=TIMEOUT, context=certain)
        else:
            server = smtplib.SMTP(host, place.port or 587, timeout=TIMEOUT)
        with server:
            if place.scheme == "smtp" and not self.in_the_clear:
                server.starttls(context=certain)
            if place.username:
                server.login(unquote(place.username), unquote(place.password or ""))
            yield server


def open_console(url: str, sender: str) -> Mailer:
    """`console:` prints letters where the exchange was started."""
    return ConsoleMailer(sender, sys.stdout)


def open_smtp(url: str, sender: str) -> Mailer:
    """`smtp://user:password@host:port` or `smtps://…`. Nothing is connected before the first letter."""
    return SmtpMailer(url, sender, in_the_clear=is_loopback(url))


def write(letter: str, *, to: str, language: str, message_id: str, **values: Any) -> Mail:
    """The letter in `language`; `values` fill the templates."""
    words = catalogue(language)
    return Mail(
        to=to,
        subject=words.gettext(f"mail.{letter}.subject", **values),
        text=_rendered(f"email/{letter}.txt", language, values),
        html=_rendered(f"email/{letter}.html", language, values),
        language=words.language,
        message_id=message_id,
    )


def _rendered(template: str, language: str, values: dict[str, Any]) -> str:
    return _environment(language).get_template(template).render(values)


@cache
def _environment(language: str) -> Environment:
    """Templates that speak one language; a value nobody gave is an error, not a gap in somebody's letter."""
    words = catalogue(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=words.gettext, n_=words.ngettext, language=words.language, direction=direction(language)
    )
    environment.filters.update({each.__name__: partial(each, language=words.language) for each in FORMATS})
    return environment
