"""A port that nobody serves says so, whichever call meets it."""

from dataclasses import fields

import pytest

from gateway.absent import absent_ports
from gateway.ports import NotConfigured, Ports


@pytest.mark.parametrize(
    "port", [one.name for one in fields(Ports) if one.name != "now"]
)
async def test_a_port_without_connector_names_the_mend(port: str) -> None:
    """The port's name and the file to edit stand in the message."""
    with pytest.raises(NotConfigured, match=rf"{port}.*connectors\.yaml"):
        await getattr(absent_ports(), port).get("anything")


def test_nothing_absent_may_be_written_twice() -> None:
    """What serves nothing promises nothing."""
    assert not absent_ports().flags.repeatable
