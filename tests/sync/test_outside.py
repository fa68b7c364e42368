"""An address that somebody else has named is read only where it is, and never inside the house (A9)."""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from marketplace.network import Barred, Unreachable
from marketplace.outside import Outside, is_open
from tests.support.repository import Repository, repository

CLOSED = (
    "127.0.0.1", "127.8.8.8", "169.254.169.254", "10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
    "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "not-an-address",
)  # fmt: skip
PUBLIC = "203.113.131.1"


class Names:
    """A resolver that answers what a test says, one answer after the other, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def near() -> Iterator[Repository]:
    with repository() as serving:
        serving.instead = (200, b"<r/>")
        yield serving


@pytest.mark.parametrize("address", CLOSED)
def test_a9_an_address_inside_the_house_is_not_open(address: str) -> None:
    assert not is_open(address, loopback=False)


def test_a9_public_addresses_are_open_and_loopback_only_where_it_is_allowed() -> None:
    assert is_open(PUBLIC, loopback=False)
    assert is_open("2606:4700::1111", loopback=False)
    assert is_open("127.0.0.1", loopback=True)
    assert is_open("::1", loopback=True)
    assert not is_open("10.0.0.1", loopback=True)


@pytest.mark.parametrize("address", [one for one in CLOSED if one != "not-an-address"])
def test_a9_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    near: Repository, address: str
) -> None:
    with pytest.raises(Barred, match="not on the open internet"):
        Outside(resolve=Names([address])).read("http://catalogue.example/oai", most=100)
    assert near.asked == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_a9_every_spelling_of_this_machine_is_refused(near: Repository, host: str) -> None:
    port = near.url.split(":")[2].split("/")[0]
    with pytest.raises(Barred, match="not on the open internet"):
        Outside().read(f"http://{host}:{port}/oai", most=100)
    assert near.asked == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://catalogue.example/", "ftp://catalogue.example/", "javascript:alert(1)",
     "http://user@catalogue.example/", "http:///oai", "catalogue.example/oai", "http://cata logue.example/"],
)  # fmt: skip
def test_a9_only_http_and_https_are_read(url: str) -> None:
    with pytest.raises(Barred, match="only addresses of http and https"):
        Outside(loopback=True).read(url, most=100)


def test_a9_a_name_that_changes_its_mind_is_asked_once_and_the_address_that_was_judged_is_taken(
    near: Repository,
) -> None:
    """The first answer is allowed here; had the name been asked again, the connection would go elsewhere."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    outside = Outside(loopback=True, resolve=names)
    port = near.url.split(":")[2].split("/")[0]
    assert outside.read(f"http://catalogue.example:{port}/oai", most=100) == b"<r/>"
    assert names.asked == 1
    with pytest.raises(Barred):
        outside.read(f"http://catalogue.example:{port}/oai", most=100)


def test_a9_one_closed_address_among_open_ones_bars_the_name() -> None:
    with pytest.raises(Barred, match="leads to 10"):
        Outside(resolve=Names([PUBLIC, "10.0.0.1"])).read("http://catalogue.example/oai", most=100)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a9_a_redirect_is_not_followed(near: Repository, status: int) -> None:
    near.instead = (status, b"")
    near.headers = {"Location": f"{near.url}/inside"}
    with pytest.raises(Barred, match="not followed"):
        Outside(loopback=True).read(near.url, most=100)
    assert len(near.asked) == 1


def test_a10_an_answer_over_the_limit_is_refused_packed_or_not(near: Repository) -> None:
    near.instead = (200, b"x" * 101)
    with pytest.raises(Unreachable, match="more than 100 bytes"):
        Outside(loopback=True).read(near.url, most=100)
    near.instead = (200, gzip.compress(b"\0" * 1_000_000))
    near.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(Unreachable, match="more than 2000 bytes when unpacked"):
        Outside(loopback=True).read(near.url, most=2_000)
    near.instead = (200, gzip.compress(b"<r/>"))
    assert Outside(loopback=True).read(near.url, most=100) == b"<r/>"


def test_a10_what_is_written_to_a_file_is_as_it_was_sent_and_bounded(near: Repository) -> None:
    packed = gzip.compress(b"<r/>" * 100)
    near.instead, near.headers = (200, packed), {"Content-Encoding": "gzip"}
    into = io.BytesIO()
    Outside(loopback=True).fetch(near.url, into, most=len(packed), accept="*/*")
    assert into.getvalue() == packed
    with pytest.raises(Unreachable, match="more than 10 bytes"):
        Outside(loopback=True).fetch(near.url, io.BytesIO(), most=10, accept="*/*")
    with pytest.raises(Barred, match="not on the open internet"):
        Outside().fetch(near.url, io.BytesIO(), most=10, accept="*/*")


def test_an_answer_that_is_none_is_told_with_its_status(near: Repository) -> None:
    near.instead = (503, b"")
    with pytest.raises(Unreachable, match="HTTP 503"):
        Outside(loopback=True).read(near.url, most=100)


@contextmanager
def dripping(said: bytes) -> Iterator[str]:
    """A server that says this much and then nothing, until it is hung up on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4_096)
                connection.sendall(said)
                connection.recv(1)  # waits for the other side to go

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"]
)
def test_a10_an_answer_that_never_ends_is_cut_off(said: bytes) -> None:
    with dripping(said) as url, pytest.raises(Unreachable, match="longer than"):
        Outside(loopback=True, whole=0.1).read(url, most=100)


def test_a_name_without_an_address_and_a_port_where_nobody_is() -> None:
    def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(Unreachable, match="has no address"):
        Outside(resolve=nowhere).read("http://catalogue.example/", most=100)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be read"):
        Outside(loopback=True).read(f"http://127.0.0.1:{port}/", most=100)


def test_a9_over_tls_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """The address was judged, the name is still proved: else whoever is in between could answer for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "catalogue.example")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("catalogue.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain = tmp_path / "chain.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    chain.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    seen: list[str] = []
    context.sni_callback = lambda _, server_name, __: seen.append(str(server_name))
    outside = Outside(loopback=True, resolve=Names(["127.0.0.1"]))
    with shaking_hands(context) as port, pytest.raises(Unreachable, match="SSLCertVerificationError"):
        outside.read(f"https://catalogue.example:{port}/oai", most=100)
    assert seen == ["catalogue.example"]


@contextmanager
def shaking_hands(context: ssl.SSLContext) -> Iterator[int]:
    """A server that goes as far as the certificate."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as safe:
                safe.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()
