"""Pinned: what is connected to is what was checked, and TLS knows the name."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx
import pytest

from gateway.connectors.pinned import (
    PinnedBackend,
    PinnedTransport,
    resolve_name,
    why_refused,
)
from tests.gateway.connectors.tls import (
    HOST,
    Certificate,
    make_certificate,
    tls_server,
)
from tests.gateway.connectors.wires import Wires


class Names:
    """A name server that gives its answers one after the other, then the last."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


def client(
    certificate: Certificate, names: Names, *, private: bool
) -> httpx.AsyncClient:
    backend = PinnedBackend(private=private, resolve=names)
    return httpx.AsyncClient(
        transport=PinnedTransport(backend, tls=certificate.trusted())
    )


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "127.0.0.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ],
)
def test_what_is_not_public_must_be_meant(address: str) -> None:
    """Also where an IPv6 address stands for an IPv4 one."""
    refused = why_refused(ip_address(address), private=False)

    assert refused is not None
    assert "private: true" in refused


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "100.64.1.1", "::1", "fd00::1"]
)
def test_what_is_meant_is_allowed(address: str) -> None:
    assert why_refused(ip_address(address), private=True) is None


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "fec0::1",
        "fd00:ec2::254",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",  # noqa: S104 - nothing binds to it
        "0.1.2.3",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "::ffff:169.254.169.254",
        "::",
        "240.0.0.1",
    ],
)
def test_what_no_system_lives_at_is_never_asked(address: str, private: bool) -> None:  # noqa: FBT001
    """A cloud's metadata address among them."""
    assert why_refused(ip_address(address), private=private) is not None


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1"])
def test_what_is_public_is_allowed(address: str) -> None:
    assert why_refused(ip_address(address), private=False) is None


async def test_tls_verifies_the_name_at_the_pinned_address(
    certificate: Certificate,
) -> None:
    """The name is nowhere in the real DNS, and its certificate holds all the same."""
    names = Names(["127.0.0.1"])
    async with (
        tls_server(certificate) as port,
        client(certificate, names, private=True) as http,
    ):
        answer = await http.get(f"https://{HOST}:{port}/")

    assert (200, {}) == (answer.status_code, answer.json())
    assert [HOST] == names.asked


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    """Though the address is right."""
    other = make_certificate(tmp_path, host="other.test")
    async with (
        tls_server(other) as port,
        client(other, Names(["127.0.0.1"]), private=True) as http,
    ):
        with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
            await http.get(f"https://{HOST}:{port}/")


async def test_a_private_address_is_refused_before_any_connection(
    certificate: Certificate,
) -> None:
    """The server would answer: nobody asks it."""
    async with (
        tls_server(certificate) as port,
        client(certificate, Names(["127.0.0.1"]), private=False) as http,
    ):
        with pytest.raises(httpx.ConnectError, match="not a public address"):
            await http.get(f"https://{HOST}:{port}/")


async def test_one_bad_address_refuses_the_name(certificate: Certificate) -> None:
    """Of a name with a good and a bad address nobody can say which will be met."""
    names = Names(["93.184.215.14", "10.0.0.1"])
    async with client(certificate, names, private=False) as http:
        with pytest.raises(httpx.ConnectError, match=r"10\.0\.0\.1"):
            await http.get(f"https://{HOST}/")


async def test_a_second_answer_can_not_move_the_connection(
    certificate: Certificate,
) -> None:
    """One resolution for one connection: what was checked is what is used."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with (
        tls_server(certificate) as port,
        client(certificate, names, private=True) as http,
    ):
        answer = await http.get(f"https://{HOST}:{port}/")

    assert 200 == answer.status_code
    assert [HOST] == names.asked


async def ask(wires: Wires, certificate: Certificate, scheme: str, to: str) -> int:
    backend = PinnedBackend(private=True, resolve=Names([to]), inner=wires)
    transport = PinnedTransport(backend, tls=certificate.trusted())
    async with httpx.AsyncClient(transport=transport) as http:
        answer = await http.get(
            f"{scheme}://{HOST}/", headers={"Authorization": "Bearer secret"}
        )
    return answer.status_code


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14"]
)
async def test_nothing_is_written_in_clear_to_a_public_address(
    certificate: Certificate, address: str
) -> None:
    """By the address that was connected to, whatever its name; https goes there."""
    wires = Wires()
    with pytest.raises(httpx.ConnectError, match=r"plain http .*; use https"):
        await ask(wires, certificate, "http", address)

    assert [] == wires.wire.in_clear
    assert 200 == await ask(Wires(), certificate, "https", address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1"])
async def test_plain_http_stays_inside(certificate: Certificate, address: str) -> None:
    """To a private address it is what ``private: true`` means."""
    wires = Wires()

    assert 200 == await ask(wires, certificate, "http", address)
    assert b"Bearer secret" in b"".join(wires.wire.in_clear)


@contextmanager
def raised(error: type[Exception], match: str) -> Iterator[None]:
    with pytest.raises(error, match=match):
        yield


async def test_a_name_that_is_none_is_a_failed_connection() -> None:
    async def fail(host: str, _port: int) -> list[str]:
        raise OSError(f"{host} is not known")

    backend = PinnedBackend(private=True, resolve=fail)
    with raised(httpcore.ConnectError, "is not known"):
        await backend.connect_tcp("nowhere.test", 443)


async def test_a_name_server_that_is_silent_is_a_timeout() -> None:
    async def wait(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    backend = PinnedBackend(private=True, resolve=wait)
    with raised(httpcore.ConnectTimeout, "resolver"):
        await backend.connect_tcp("slow.test", 443, timeout=0.01)


async def test_a_name_without_address_is_a_failed_connection() -> None:
    backend = PinnedBackend(private=True, resolve=Names([]))
    with raised(httpcore.ConnectError, "no address"):
        await backend.connect_tcp("empty.test", 443)


async def test_no_unix_socket_is_reached() -> None:
    with raised(httpcore.ConnectError, "unix socket"):
        await PinnedBackend(private=True).connect_unix_socket("/run/docker.sock")


async def test_an_address_is_its_own_name() -> None:
    assert ["127.0.0.1"] == await resolve_name("127.0.0.1", 80)


async def test_a_black_hole_is_passed_by() -> None:
    """An address that swallows the connection leaves the next one its chance."""
    tried: list[str] = []

    class Holes(httpcore.AsyncMockBackend):
        async def connect_tcp(
            self, host: str, *_: object
        ) -> httpcore.AsyncNetworkStream:
            tried.append(host)
            if len(tried) == 1:
                raise httpcore.ConnectTimeout("nobody there")
            return httpcore.AsyncMockStream([])

    names = Names(["10.0.0.1", "10.0.0.2"])
    backend = PinnedBackend(private=True, resolve=names, inner=Holes([]))
    await backend.connect_tcp(HOST, 443)

    assert ["10.0.0.1", "10.0.0.2"] == tried
