"""Ports that no connector serves: every call of one says where to name one."""

from collections.abc import Awaitable, Callable
from dataclasses import MISSING, fields
from typing import Any

from gateway.ports import NotConfigured, Ports


class Absent:
    """Stands for one port of ``Ports``; answers nothing, and says why."""

    repeatable = False

    def __init__(self, port: str) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def refuse(*_args: object, **_named: object) -> Any:  # noqa: ANN401
            raise NotConfigured(
                f"{self._port}.{name}: no connector serves {self._port} here; "
                "name one in connectors.yaml"
            )

        return refuse


def absent_ports() -> Ports:
    """Give ports of which none is served; ``dataclasses.replace`` fills them."""
    ports: dict[str, Any] = {
        one.name: Absent(one.name) for one in fields(Ports) if one.default is MISSING
    }
    return Ports(**ports)
