"""The words of ``autopilot agents``."""

import pytest

from tests.cli.world import Autopilot


@pytest.mark.usefixtures("release_texts")
def test_each_word_has_its_command(autopilot: Autopilot) -> None:
    """List, show and diff answer."""
    one = "reliability-triage/1"
    codes = [
        autopilot("agents", *words).code
        for words in (("list",), ("show", one), ("diff", one, one))
    ]

    assert [0, 0, 0] == codes
