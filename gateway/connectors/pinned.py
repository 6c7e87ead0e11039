"""
An httpx transport that connects to the very address that was checked.

A name is resolved once for each connection; the addresses are checked, and the socket
goes to one of those, so that a second answer of the name server can't send it
elsewhere. TLS still names and verifies the host. Where a name has any address that is
refused, the whole name is. To a public address nothing is written before TLS stands:
a credential would be read on the way.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore
import httpx

# IPv6 that carries IPv4 in ways that few stacks still route, site-local addresses, and
# the metadata service of AWS.
_NEVER = tuple(
    IPv6Network(one)
    for one in (
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b:1::/48",
        "fec0::/10",
        "fd00:ec2::254/128",
    )
)
# Those of Azure (a public address), Alibaba and Oracle.
# RFC 6598: what pods and overlay networks have; no route of the internet leads there.
_SHARED = IPv4Network("100.64.0.0/10")
_METADATA = frozenset({"168.63.129.16", "100.100.100.200", "192.0.0.192"})
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
SocketOption = (
    tuple[int, int, int]
    | tuple[int, int, bytes | bytearray]
    | tuple[int, int, None, int]
)

# 64:ff9b::/96, by which NAT64 writes an IPv4 address.
_NAT64 = 0x0064FF9B << 64


class AddressRefused(httpcore.ConnectError):
    """Nothing was sent to this address, nor will be while the configuration stands."""


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """
    ``private`` allows loopback and private ranges; link-local is never allowed.

    ``inner`` opens the sockets.
    """

    def __init__(
        self,
        *,
        private: bool,
        resolve: Resolve | None = None,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._private = private
        self._resolve = resolve or resolve_name
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own name
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._checked(host, port, timeout)
        failure: Exception | None = None
        for one in addresses:
            try:
                stream = await self._inner.connect_tcp(
                    one, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
                continue
            if stays_inside(ip_address(one)):
                return stream
            return _TlsAlone(stream, f"{host} is {one}")
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own name
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del timeout, socket_options
        raise httpcore.ConnectError(f"{path}: no connector uses a unix socket")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _checked(self, host: str, port: int, seconds: float | None) -> list[str]:
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolve(host, port)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(f"{host}: no answer of the resolver") from exc
        except OSError as exc:
            raise httpcore.ConnectError(f"{host}: {exc}") from exc
        for one in addresses:
            refused = why_refused(ip_address(one), private=self._private)
            if refused is not None:
                raise AddressRefused(f"{host} is {one}: {refused}")
        return addresses


class _TlsAlone(httpcore.AsyncNetworkStream):
    """A connection that takes no word before TLS; ``whereto`` names its other end."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, whereto: str) -> None:
        self._stream = stream
        self._whereto = whereto

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        del buffer, timeout
        raise AddressRefused(
            f"{self._whereto}: plain http would show the credential on its way to a "
            "public address; use https"
        )

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return await self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class PinnedTransport(httpx.AsyncHTTPTransport):
    """An httpx transport over ``PinnedBackend``; no proxy, no environment."""

    def __init__(
        self,
        backend: PinnedBackend,
        *,
        tls: ssl.SSLContext,
        most_connections: int = 32,
    ) -> None:
        super().__init__(verify=tls, trust_env=False)
        # httpx has no parameter for a network back end; its own pool never connects.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=most_connections,
            max_keepalive_connections=most_connections,
            keepalive_expiry=5.0,
            network_backend=backend,
        )


def why_refused(address: Address, *, private: bool) -> str | None:
    """Say why a connector may not connect there; None if it may."""
    real = _embedded(address)
    carried = isinstance(real, IPv6Address) and any(real in one for one in _NEVER)
    if (carried and not real.is_loopback) or str(real) in _METADATA:
        return "an address that stands for another one, or a cloud's metadata"
    if (
        real.is_link_local
        or real.is_multicast
        or real.is_unspecified
        or (isinstance(real, IPv4Address) and _is_reserved(real))
    ):
        return "link-local, multicast and reserved addresses are never asked"
    if private and stays_inside(address):
        return None
    if not real.is_global:
        return "not a public address; say `private: true` if it is meant"
    return None


def _is_reserved(address: IPv4Address) -> bool:
    """Tell 240.0.0.0/4 and 0.0.0.0/8, some of which a stack may take for itself."""
    return address.is_reserved or int(address) >> 24 == 0


def stays_inside(address: Address) -> bool:
    """Tell a loopback or private address, to which no stranger carries a packet."""
    real = _embedded(address)
    shared = isinstance(real, IPv4Address) and real in _SHARED
    return real.is_private or real.is_loopback or shared


async def resolve_name(host: str, port: int) -> list[str]:
    """Give the addresses of a name, in the order of the system's preference."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    return list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))


def _embedded(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if int(address) >> 32 == _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
