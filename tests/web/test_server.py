"""The real server: whose word it takes for where a request comes from, and how it stops."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask, request

from marketplace.server import Server


@contextmanager
def serving(app: Flask, *, trusted_proxy: str = "") -> Iterator[tuple[str, threading.Event]]:
    server, stop = Server(app, host="127.0.0.1", port=0, trusted_proxy=trusted_proxy), threading.Event()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}", stop
    finally:
        stop.set()
        thread.join(20)


def get(url: str, **headers: str) -> str:
    asked = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9"), ("192.0.2.1", "127.0.0.1")]
)
def test_only_the_named_proxy_says_where_a_request_comes_from(trusted: str, seen: str) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: request.remote_addr or "")
    with serving(app, trusted_proxy=trusted) as (url, _):
        assert get(url, **{"X-Forwarded-For": "203.0.113.9"}) == seen


def test_an_answer_under_way_is_finished_when_the_server_is_told_to_stop() -> None:
    app, begun, go_on = Flask(__name__), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(10)
        return "finished"

    app.add_url_rule("/", view_func=slow)
    answers: list[str] = []
    with serving(app) as (url, stop):
        asking = threading.Thread(target=lambda: answers.append(get(url)))
        asking.start()
        assert begun.wait(10)
        stop.set()
        go_on.set()
        asking.join(20)
    assert answers == ["finished"]


def test_three_hundred_who_begin_a_request_and_say_no_more_keep_nobody_out() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "served")
    with serving(app) as (url, _), ExitStack() as crowd:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        for _ in range(300):
            silent = crowd.enter_context(socket.create_connection(address, timeout=10))
            silent.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert get(url) == "served"
