"""Facts as outbox rows hold them, plain or hostile, and Slack's own rules."""

import json
import unicodedata
from collections.abc import Mapping
from uuid import UUID

from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.blocks.root import Rendered
from lab.slack.block_rules import check_message_blocks

PROPOSAL = UUID(int=7)
CARD: Mapping[str, object] = {
    "proposal_id": str(PROPOSAL),
    "revision": 1,
    "tool": "toggle_feature_flag",
    "category": "write_reversible",
    "params": {"flag_key": "new_ranker", "enabled": False, "rollout_percent": 0},
    "reason_code": "incident_mitigation",
    "summary": "Turn flag new_ranker off",
    "because": "the failing traces carry it",
    "confidence": 0.9,
    "evidence_ids": ["e1", "e2"],
    "uncited": [],
    "before": {"version": 7},
    "estimate": {
        "title": "Turn flag new_ranker off",
        "amount": 2000,
        "unit": "active users",
        "text": "2,000 active users of discourse",
        "cost": "2,000 users see new_ranker change",
        "before": "on, 50 % of users",
        "after": "off",
    },
    "undo": {"params": {}, "text": "restores on, 50 % of users"},
    "risk": 4,
    "risk_factors": ["reversible +2", "production +1"],
    "digest": "d" * 64,
    "state": "needs_approval",
    "quorum": 1,
    "roles": ["reliability-oncall"],
    "rule": "prod-asks",
    "expires_in_seconds": 1800,
    "expires_at": None,
    "edited_by": None,
    "diff": None,
    "closed_by": None,
    "closed_reason": None,
    "votes": [],
    "execution": None,
}
ROOT: Mapping[str, object] = {
    "short_id": "3fa94c02",
    "title": "5xx on /feed",
    "headline": "5xx on /feed",
    "severity": "error",
    "state": "running",
    "kind": "reliability",
    "service": "feed",
    "environment": "prod",
    "agent": "reliability-triage 1",
    "level": "L1",
    "owner": None,
    "opened_by": "alert alertmanager",
    "opened_at": 1_700_000_000.0,
    "closed_at": None,
    "alerts": 1,
    "next_step": "",
}
HOSTILE = st.text(max_size=400) | st.sampled_from(
    [
        "<!channel>",
        "<!here|here>",
        "<@U0OPERATOR>",
        "<https://evil.test|Approve>",
        "*bold* _it_ `code` ```block```",
        "\u202egnitirw\u202c \u2066x\u2069 \u200b\ufeff",
        "a\0b\x1b[31m",
        "&" * 3000,
        "<" * 5000,
        "x" * 20_000,
        "\n" * 500,
        "\u200b",
        "",
    ]
)


def texts(rendered: Rendered) -> list[str]:
    """Give every mrkdwn and plain text of the message."""
    found: list[str] = [rendered.text]

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") in {"mrkdwn", "plain_text"}:
                found.append(str(value["text"]))
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(rendered.blocks)
    return found


def check(rendered: Rendered) -> None:
    """Hold a message against slack_sdk's models, Slack's rules and our own."""
    for block in rendered.blocks:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
    check_message_blocks(json.loads(json.dumps(rendered.blocks)))
    assert len(rendered.text) <= 40_000
    for text in texts(rendered):
        assert harmless(text), ascii(text)


def harmless(text: str) -> bool:
    """Tell text that pings nobody, links nowhere and hides nothing."""
    bare = text.replace("<!date^", "")
    pings = any(mark in bare for mark in ("<!", "<@", "<#", "<http"))
    hides = any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs"} and char not in "\n\t"
        for char in text
    )
    return not pings and not hides


def buttons(rendered: Rendered) -> list[str]:
    """Give the action ids of the message's buttons."""
    return [
        str(element["action_id"])
        for block in rendered.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]
