"""
Find the real servers, or install them into ``.autopilot/services`` with apt and npm.

Debian's packages are unpacked there, not installed: no daemon of the system starts,
and nothing outside the checkout changes. Both clients are used as the machine has them
set up.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".autopilot" / "services"
UNLEASH = "unleash-server@7.5.1"
# Slack's own types, what makes a JSON Schema of types, and what validates by one.
SLACK_TYPES = ("@slack/types@3.2.0", "ts-json-schema-generator@2.10.0", "ajv@8.20.0")
_NODE_MAJOR = 20
_SECONDS = 540


class Missing(Exception):
    """A server can't be had on this machine; the message says why."""


def debian_program(package: str, program: str) -> Path:
    """
    Give the path of a program of a Debian package.

    Raises:
        Missing: it is neither installed nor to be had by apt.
    """
    installed = shutil.which(program)
    if installed is not None:
        return Path(installed)
    with _one_at_a_time():
        if _unpacked(program) is None:
            _unpack(package)
    unpacked = _unpacked(program)
    if unpacked is None:
        raise Missing(f"the package {package} holds no {program}")
    return unpacked


def _unpacked(program: str) -> Path | None:
    places = (FOLDER / "debian" / "usr" / one / program for one in ("bin", "sbin"))
    return next((one for one in places if one.exists()), None)


def unleash_program() -> Path:
    """
    Give the script by which node runs Unleash.

    Raises:
        Missing: no node of the needed age, or npm could not install it.
    """
    folder = FOLDER / "unleash"
    script = folder / "node_modules" / "unleash-server" / "dist" / "server.js"
    _check_node()
    with _one_at_a_time():
        if not script.exists():
            folder.mkdir(parents=True, exist_ok=True)
            run_tool(
                [
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--omit=dev",
                    f"--prefix={folder}",
                    UNLEASH,
                ],
                folder,
            )
    if not script.exists():
        raise Missing(f"{UNLEASH} has no dist/server.js")
    return script


def slack_types() -> Path:
    """
    Give a folder in which node finds Slack's types and what reads them.

    Raises:
        Missing: no node of the needed age, or npm could not install them.
    """
    folder = FOLDER / "slack-types"
    _check_node()
    with _one_at_a_time():
        if not (folder / "node_modules" / "ajv").exists():
            folder.mkdir(parents=True, exist_ok=True)
            quiet = ["--no-audit", "--no-fund", f"--prefix={folder}"]
            run_tool(["npm", "install", *quiet, *SLACK_TYPES], folder)
    return folder


def _check_node() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("node and npm are not installed")
    said = run_tool(["node", "--version"], Path.cwd()).strip()
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < _NODE_MAJOR:
        raise Missing(f"node {said} is older than {_NODE_MAJOR}")


def _unpack(package: str) -> None:
    if shutil.which("apt-get") is None:
        raise Missing(f"no {package} is installed, and no apt-get can bring it")
    folder = FOLDER / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run_tool(["apt-get", "download", package], folder)
    except Missing:
        # A new machine has no list of packages yet.
        run_tool(["apt-get", "update", "-qq"], folder)
        run_tool(["apt-get", "download", package], folder)
    for file in folder.glob(f"{package}_*.deb"):
        run_tool(["dpkg-deb", "-x", str(file), str(FOLDER / "debian")], folder)


def run_tool(command: list[str], folder: Path) -> str:
    """
    Give what a program says.

    Raises:
        Missing: it is not there, failed, or took too long; with its last words.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise Missing(f"{' '.join(command[:2])}: {type(exc).__name__}") from exc
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Missing(f"{' '.join(command[:2])}: {' '.join(last)[:200]}")
    return done.stdout


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the folder against another pytest worker."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
