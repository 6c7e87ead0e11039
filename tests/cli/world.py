"""What tests of the command share: an environment, its output, and its processes."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cli.finding import Finding
from cli.main import main
from cli.processes import ROOT
from tests.database import Urls

_MOST_SECONDS = 20.0


@dataclass
class Environment:
    """Settings of this test; ``set(REDIS_URL="…")``."""

    monkeypatch: pytest.MonkeyPatch

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.monkeypatch.setenv(name, str(value))

    def unset(self, name: str) -> None:
        self.monkeypatch.delenv(name)

    def set_databases(self, urls: Urls) -> None:
        self.set(**{f"DATABASE_URL_{role.upper()}": url for role, url in urls.items()})


@dataclass(frozen=True)
class Said:
    """What a command said, down to the file descriptors."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> object:
        """Parse standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """Give the one line on standard error; a traceback would be more."""
        [line] = self.err.splitlines()
        return line


@dataclass(frozen=True)
class Autopilot:
    """The command in this process: ``autopilot("keys", "new")``."""

    capfd: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Said:
        self.capfd.readouterr()
        code = main(arguments)
        out, err = self.capfd.readouterr()
        return Said(code, out, err)


async def well() -> list[Finding]:
    """Stand for a sandbox, where a test asks for something else."""
    return [Finding("sandbox", ok=True, text="as it should be")]


def keys_of_another_curve() -> dict[str, str]:
    key = X25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "TOKEN_PRIVATE_KEY": private.decode(),
        "TOKEN_PUBLIC_KEY": public.decode(),
    }


def python(
    *arguments: str, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run this Python in the checkout, with the test's environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=_MOST_SECONDS,
    )


def is_running(pid: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_for(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _MOST_SECONDS
    while not check():
        assert time.monotonic() < deadline, f"not yet: {what}"
        time.sleep(0.01)


async def until(check: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_for, check, what)
