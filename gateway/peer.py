"""Who is at the other end of a Unix socket: the kernel says, not the caller."""

import asyncio
import socket
import struct
from typing import cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_CREDENTIALS = struct.Struct("3i")


class SameUserProtocol(HttpToolsProtocol):
    """Drop a connection whose peer runs under another user (SO_PEERCRED)."""

    own_uid: int = -1
    taken: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        found = peer_uid(transport)
        if found is not None and found != self.own_uid:
            structlog.get_logger().warning("gateway.foreign_peer", uid=found)
            transport.abort()
            return
        super().connection_made(transport)
        self.taken = True

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection that was taken; of a dropped one nothing was begun."""
        if self.taken:
            super().connection_lost(exc)


def peer_uid(transport: asyncio.BaseTransport) -> int | None:
    """Give the peer's user id as this user namespace sees it; None off Linux."""
    peer = cast("socket.socket | None", transport.get_extra_info("socket"))
    option = getattr(socket, "SO_PEERCRED", None)
    if peer is None or option is None:
        return None
    raw = peer.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(raw)
    return int(uid)


def protocol_for(uid: int) -> type[SameUserProtocol]:
    return type("SameUser", (SameUserProtocol,), {"own_uid": uid})
