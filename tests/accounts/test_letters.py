"""Letters: complete in every language, small, harmless, and their links lead somewhere."""

from __future__ import annotations

import re
import smtplib
import traceback
from datetime import UTC, datetime
from email import message_from_string
from email.policy import default
from html import unescape
from io import StringIO

import pytest
from sqlalchemy import select

from marketplace import mail
from marketplace.languages import LANGUAGES
from marketplace.mail import ConsoleMailer, Mail, SmtpMailer
from marketplace.models.accounts import User
from marketplace.runtime import Runtime
from marketplace.services import letters
from marketplace.services.letters import LETTERS
from marketplace.tracing import tracing
from marketplace.work import begin
from tests.support.compiled import application
from tests.support.mail_server import MailServer
from tests.support.mailer import letters as delivered
from tests.support.members import enterprise, join

VALUES = {
    "name": "Nguyễn Thị <b>Lan</b>",
    "exchange": "Sàn «A & B»",
    "base_url": "https://giao.example",
    "link": "https://giao.example/vi/x/TOKEN",
    "hours": 72,
    "forgot": "https://giao.example/vi/forgot",
    "sign_in": "https://giao.example/vi/sign-in",
    "by": "Phạm <i>Hoa</i>",
    "organisation": 'Viện "Cửu Long"',
    "role": "editor",
    "ends": datetime(2026, 12, 1, 3, 0, tzinfo=UTC),
    "second_factor": "https://giao.example/vi/account/second-factor",
    "desk": "https://giao.example/vi/desk",
    "items": [
        {
            "title": "Máy sấy <b>lúa</b>",
            "language": "vi",
            "kind": "offer",
            "expires_at": datetime(2026, 12, 12, 3, 0, tzinfo=UTC),
            "link": "https://giao.example/vi/desk/listings/giao:offer:1",
        }
    ],
    "more": 12,
}


def written(letter: str, language: str = "vi") -> Mail:
    return mail.write(
        letter, to="lan@example.org", language=language, message_id="<one@giao.example>", **VALUES
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_is_complete_in_every_language(letter: str, language: str) -> None:
    sent = written(letter, language)
    said = f"{sent.subject} {sent.text} {sent.html}"
    assert not re.search(r"\b(mail|role)\.[a-z_]+", said)
    assert "%(" not in said
    assert f'<html lang="{language}" dir="ltr">' in sent.html
    assert len(sent.html.encode()) <= mail.LARGEST_HTML


@pytest.mark.parametrize("letter", LETTERS)
def test_text_and_html_say_the_same(letter: str) -> None:
    sent = written(letter)
    links = set(re.findall(r"https://\S+", sent.text))
    assert links == set(re.findall(r'href="([^"]+)"', sent.html))
    shown = unescape(re.sub(r"<[^>]+>", " ", sent.html))
    for line in sent.text.splitlines():
        assert line.strip().rstrip(":") in shown or line in links or line == "-- "


@pytest.mark.parametrize("letter", LETTERS)
def test_nothing_is_fetched_and_what_people_wrote_is_no_html(letter: str) -> None:
    html = written(letter).html
    assert not re.search(r"<(img|script|link|iframe)|url\(|@import", html)
    assert "<b>Lan" not in html
    assert "<b>lúa" not in html
    assert "<i>Hoa" not in html


def test_a_message_is_text_first_with_html_as_the_alternative() -> None:
    message = message_from_string(written("reset").as_message("giao@example.org").as_string(), policy=default)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"].endswith("@giao.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "vi"
    assert message["Subject"] == "Đặt mật khẩu mới tại Sàn «A & B»"


def test_a_letter_keeps_its_message_id_when_its_job_runs_again_and_no_other_has_it(
    exchange: Runtime,
) -> None:
    def message_id(job: str, letter: str, email: str) -> str:
        with tracing(job), begin(exchange) as work:
            user_id = work.session.scalars(select(User.id).where(User.email == email)).one()
            sent = letters.write(work, letter, user_id=user_id)
        assert sent is not None
        return sent.message_id

    for email in ("lan@example.org", "hoa@example.org"):
        join(exchange, email, "owner", enterprise(exchange, email))
    one, other = "password_changed", "reset"
    first = message_id("job-1", one, "lan@example.org")
    assert first == message_id("job-1", one, "lan@example.org")
    others = {
        message_id("job-2", one, "lan@example.org"),
        message_id("job-1", other, "lan@example.org"),
        message_id("job-1", one, "hoa@example.org"),
    }
    assert len({first, *others}) == 4


def test_no_line_break_enters_a_header() -> None:
    sent = mail.write(
        "invitation",
        to="lan@example.org",
        language="vi",
        message_id="<x@x>",
        **(VALUES | {"by": "Hoa\nBcc: all@example.org"}),
    )
    with pytest.raises(ValueError, match="linefeed"):
        sent.as_message("giao@example.org")


def test_links_of_letters_lead_to_pages(embedded: Runtime) -> None:
    addresses = application(embedded).url_map.bind("localhost")
    for place, path in letters.PATHS.items():
        endpoint, values = addresses.match(
            f"/vi/{path.format(token='TOKEN', uid='giao:offer:1')}", method="GET"
        )
        assert endpoint, place
        assert values.get("token", "TOKEN") == "TOKEN"


def test_links_begin_with_the_base_url(exchange: Runtime) -> None:
    with begin(exchange) as work:
        assert letters.link(work, "vi", "forgot") == "http://127.0.0.1:8000/vi/forgot"


def test_a_letter_that_has_lost_its_point_is_not_sent(exchange: Runtime) -> None:
    with begin(exchange) as work:
        for letter in ("confirm", "reset", "password_changed"):
            letters.post_letter(work, letter, user_id="nobody")
        letters.post_letter(work, "already", email="nobody@example.org")
        letters.post_letter(work, "invitation", invitation_id="none", language="vi")
    assert delivered(exchange) == []


def test_the_console_prints_the_link_where_it_can_be_clicked() -> None:
    out = StringIO()
    ConsoleMailer("giao@example.org", out).send(written("confirm"))
    assert "lan@example.org" in out.getvalue()
    assert "https://giao.example/vi/x/TOKEN\n" in out.getvalue()


def test_a_mail_server_on_this_machine_gets_the_letter() -> None:
    with MailServer() as server:
        mailer = mail.open_smtp(f"smtp://127.0.0.1:{server.port}", "giao@example.org")
        mailer.send(written("reset"))
    (received,) = server.received
    assert received.sender == "giao@example.org"
    assert received.receivers == ["lan@example.org"]
    assert message_from_string(received.data, policy=default)["To"] == "lan@example.org"


def test_an_address_that_is_refused_is_in_no_log() -> None:
    with MailServer(refuses=True) as server:
        mailer = mail.open_smtp(f"smtp://127.0.0.1:{server.port}", "giao@example.org")
        with pytest.raises(OSError, match="refuses the address") as refused:
            mailer.send(written("reset"))
    assert "lan@" not in "".join(traceback.format_exception(refused.value))


def test_a_mail_server_elsewhere_must_encrypt() -> None:
    """The server of this test is on this machine but is spoken to as if it were not."""
    with MailServer() as server:
        elsewhere = SmtpMailer(f"smtp://127.0.0.1:{server.port}", "giao@example.org", in_the_clear=False)
        with pytest.raises(smtplib.SMTPNotSupportedError):
            elsewhere.send(written("reset"))
    assert server.received == []
