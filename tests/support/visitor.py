"""Somebody with a browser: keeps cookies, sends forms with their token, comes from an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


class Visitor:
    """One browser. `address` is where its requests come from."""

    def __init__(self, app: Flask, address: str = "203.0.113.7") -> None:
        self._client = app.test_client()
        self._where = {"REMOTE_ADDR": address, "HTTP_ACCEPT": "text/html", "HTTP_USER_AGENT": AGENT}
        self._token, self._token_of = "", dict[str, str]()

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, environ_overrides=self._where)

    def post(self, path: str, **fields: str | list[str]) -> TestResponse:
        """Send a form, with the token that every page with a form carries."""
        data = {"csrf_token": self._csrf_token(), **fields}
        return self._client.post(path, data=data, environ_overrides=self._where)

    def _csrf_token(self) -> str:
        """The token that goes with the cookies this browser holds."""
        if not self._token or self._token_of != self.cookies():
            found = TOKEN.search(self.get("/vi/sign-in").text)
            assert found is not None
            self._token, self._token_of = found[1], self.cookies()
        return self._token

    def post_without_token(self, path: str, **fields: str) -> TestResponse:
        return self.send(path, fields)

    def send(self, path: str, form: Mapping[str, Any], *, site: str = "", page: str = "") -> TestResponse:
        """Send a form just as it is, with the token that stands in it. `site` is what browsers say of where a request
        comes from (Fetch Metadata), `page` is the path of the page the form stood on."""
        said = {"HTTP_SEC_FETCH_SITE": site, "HTTP_REFERER": f"http://localhost{page}" if page else ""}
        where = self._where | {name: value for name, value in said.items() if value}
        return self._client.post(path, data=dict(form), environ_overrides=where)

    def cookies(self) -> dict[str, str]:
        """Name and value of every cookie this browser holds."""
        return {cookie.key: cookie.value for cookie in self._client._cookies.values()}

    def take_session_of(self, other: Visitor) -> None:
        """Hold the same cookies as another browser: the same one from elsewhere, or a thief."""
        for name, value in other.cookies().items():
            self._client.set_cookie(name, value)

    def hold(self, name: str, value: str) -> None:
        """Keep a cookie, as if a page had set it."""
        self._client.set_cookie(name, value)

    def sign_in(self, email: str, password: str) -> TestResponse:
        return self.post("/vi/sign-in", email=email, password=password)

    def is_signed_in(self) -> bool:
        return self.get("/vi/account").status_code == 200


def words_of(page: TestResponse) -> str:
    """What a reader sees of a page: its text without tags, secrets of forms left out."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def values(page: TestResponse) -> dict[str, str]:
    """What stands in the fields of a form, hidden ones included."""
    text = page.text
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", text):
        kind = re.search(r'type="(\w+)"', tag)
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and (kind is None or kind[1] not in ("radio", "checkbox") or " checked" in tag):
            found[unescape(name[1])] = unescape(value[1])
    for name, value in re.findall(r'<textarea\b[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        found[name] = unescape(value)
    for name, options in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found.setdefault(name, unescape(chosen[1]) if chosen else "")
    return found
