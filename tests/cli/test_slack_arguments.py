"""``autopilot slack manifest``: YAML for one's own host."""

import pytest
import yaml

from bot.manifest import make_manifest
from tests.cli.world import Autopilot


def test_the_manifest_is_printed_for_a_host(autopilot: Autopilot) -> None:
    said = autopilot("slack", "manifest", "--url", "https://ops.genme.test")

    assert 0 == said.code
    assert make_manifest("https://ops.genme.test") == yaml.safe_load(said.out)


@pytest.mark.parametrize("url", ["http://ops.genme.test", "ops", "https://a/b", ""])
def test_slack_reaches_https_alone(
    autopilot: Autopilot, capfd: pytest.CaptureFixture[str], url: str
) -> None:
    """With what to write instead."""
    with pytest.raises(SystemExit):
        autopilot("slack", "manifest", "--url", url)

    assert "is no https://HOST" in capfd.readouterr().err
