"""
``connectors.yaml``: which system serves which port, as a checked model.

``connectors`` names systems, ``ports`` says which of them serves what, ``admin_pages``
where a person does by hand what a tool would. A secret is
never in the file: it names a variable of the environment that begins with CONNECTOR_
and that the gateway's process alone gets. docs/connectors.md shows each kind.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.connector_kinds import AnyConnector, PortName, Strict
from gateway.optional_file import read_named
from policy.errors import PolicyError
from policy.yaml_text import parse_yaml

# https, a host without a field, then anything that an address may hold.
PageTemplate = Annotated[
    str,
    Field(pattern=r"^https://[A-Za-z0-9.:-]+/[\x21-\x7e]*$", max_length=1000),
]


class ConnectorFile(Strict):
    connectors: dict[str, AnyConnector] = Field(default_factory=dict)
    ports: dict[PortName, str] = Field(default_factory=dict)
    admin_pages: dict[str, PageTemplate] = Field(default_factory=dict)


def load_connectors(path: Path) -> ConnectorFile:
    """
    Load ``connectors.yaml``.

    Raises:
        PolicyError: with file, line and mend.
    """
    text = read_named(path, mend="write it, or take CONNECTORS_FILE away")
    return parse_connectors(text, path=str(path))


def parse_connectors(text: str, *, path: str) -> ConnectorFile:
    """
    Check a file's text, and that each port names a connector that can serve it.

    Raises:
        PolicyError: with file, line and mend.
    """
    found = parse_yaml(text, ConnectorFile, path=path)
    for port, name in found.ports.items():
        connector = found.connectors.get(name)
        line = _line_with(text, f"{port}:", after="ports:")
        if connector is None:
            raise PolicyError(
                path,
                line,
                what=f"port {port}: no connector is called {name}",
                mend=f"use one of {', '.join(found.connectors) or 'none yet'}",
            )
        if port not in connector.serves:
            raise PolicyError(
                path,
                line,
                what=f"port {port}: a connector of kind {connector.kind} as configured "
                "can't serve it",
                mend=f"{name} serves {', '.join(sorted(connector.serves))}",
            )
    return found


def check_secrets(
    file: ConnectorFile, secrets: Mapping[str, str], *, path: Path
) -> None:
    """
    Check that every variable that the file names is set, to what a request can carry.

    Raises:
        PolicyError: names the variable; never shows a value.
    """
    for name, secret in _secrets_of(file):
        found = secrets.get(secret, "")
        if found and found.isascii() and found.isprintable():
            continue
        trouble = "holds a line break or another sign that no header takes"
        raise PolicyError(
            str(path),
            _line_with(path.read_text(encoding="utf-8"), secret),
            what=f"connector {name}: the variable {secret} "
            f"{trouble if found else 'is not set'}",
            mend="set it where the gateway starts",
        )


def _secrets_of(file: ConnectorFile) -> Iterator[tuple[str, str]]:
    for name, connector in file.connectors.items():
        for secret in connector.secrets:
            yield name, secret


def _line_with(text: str, word: str, *, after: str = "") -> int:
    """Give the line that holds a word, from 1; 0 where none does."""
    begun = not after
    for number, line in enumerate(text.splitlines(), 1):
        begun = begun or line.startswith(after)
        if begun and word in line:
            return number
    return 0
