"""Who is at the other end: the kernel's word on a real socket."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.peer import protocol_for

NOBODY = 65534
# The environment's own interpreter may lie where another user can't look.
PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
ASK = (
    "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
    " s.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');"
    " sys.stdout.buffer.write(s.recv(4096))"
)


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@asynccontextmanager
async def served(path: Path, *, uid: int) -> AsyncIterator[None]:
    """Serve a door that takes one user's connections alone."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    path.chmod(0o777)  # noqa: ASYNC240 - one call on a socket
    config = uvicorn.Config(
        Starlette(routes=[Route("/", hello)]),
        http=protocol_for(uid),
        log_level="error",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[bound]))
        while not server.started and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield
        server.should_exit = True


async def ask(path: Path) -> str:
    transport = httpx.AsyncHTTPTransport(uds=str(path))
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.get("http://gateway/")).text


async def test_the_same_user_is_served(tmp_path: Path) -> None:
    """A connection of our own user reaches the application."""
    path = tmp_path / "door.sock"
    async with served(path, uid=os.getuid()):
        assert "hello" == await ask(path)


async def test_another_user_is_dropped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A door of another user's closes on us without a byte, and without an error."""
    path = tmp_path / "door.sock"
    async with served(path, uid=os.getuid() + 1):
        with pytest.raises(httpx.HTTPError):
            await ask(path)

    assert [] == [one.message for one in caplog.records if one.name == "asyncio"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(PYTHON is None, reason="no python3 that another user may start")
async def test_a_foreign_process_is_dropped() -> None:
    """A process under another uid gets nothing, though the socket's mode lets it in."""
    with TemporaryDirectory(prefix="peer-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - one call
        path = Path(folder) / "door.sock"
        async with served(path, uid=os.getuid()):
            process = await asyncio.create_subprocess_exec(
                str(PYTHON),
                "-c",
                ASK,
                str(path),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                user=NOBODY,
            )
            said, _ = await process.communicate()

    assert b"" == said
