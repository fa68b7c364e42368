"""A mailer that remembers, and the jobs that hand it their letters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

from marketplace import tasks
from marketplace.mail import Mail
from marketplace.runtime import Runtime


@dataclass
class RememberingMailer:
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)


def letters(runtime: Runtime) -> list[Mail]:
    """Do all jobs that are due, and take the letters they sent out of the mailer."""
    if "mailer" not in runtime.__dict__:
        runtime.mailer = RememberingMailer()
    runtime.queue.work_off(partial(tasks.run, runtime))
    sent, runtime.mailer.sent = runtime.mailer.sent, []
    return sent


def link_in(mail: Mail, place: str) -> str:
    """The path of the one link in the letter's text that leads to `place`, such as «/vi/reset/…»."""
    (found,) = re.findall(rf"https?://[^/\s]+(/\w\w/{place}/\S+)", mail.text)
    return str(found)


def token_in(mail: Mail, place: str) -> str:
    return link_in(mail, place).rpartition("/")[2]
