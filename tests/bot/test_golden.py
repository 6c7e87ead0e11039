"""What is sent to Slack to be validated: each passes our own gate, as it is."""

import json

import pytest

from bot.golden import golden_payloads
from bot.outbound.gate import Gate
from lab.slack.block_rules import check_message_blocks
from lab.slack.view_rules import check_view
from tests.services.recording import renderers


@pytest.mark.parametrize("name", golden_payloads())
def test_a_golden_payload_fits(name: str) -> None:
    """By our limits, slack_sdk's models and the lab."""
    payload = dict(golden_payloads()[name])
    kind = payload.get("type")
    content = {"view": payload} if kind else payload

    assert content == Gate(strict=True).passed("blocks.validate", content)
    if kind:
        check_view(payload, surface=str(kind))
    else:
        check_message_blocks(json.loads(json.dumps(payload["blocks"])))


def test_every_message_and_view_has_one() -> None:
    """A new one lacks until ``python -m tests.services.golden`` has made them anew."""
    named = {name.partition(" ")[0] for name in golden_payloads()}

    assert renderers() == named
