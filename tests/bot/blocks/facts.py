"""Facts as outbox rows hold them, plain or hostile, and Slack's own rules."""

import json
import re
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
        "see https://evil.test/?q=secret and [this](https://evil.test)",
        "a\u034fb\u115fc\u3164d\uffa0e\u2028f\u2029g",
        "a" + "".join(chr(0xE0100 + one) for one in b"smuggled"),
        "".join(chr(0xE0000 + one) for one in b"tagged"),
        "go\ufe0f\u180b\u2064",
        "never: 9999-12-31 23:59:59-05:00, zero: 0001-01-01T00:00:00+01:00",
        "Backup 2023-11-14 02:00 UTC failed",
    ]
)
# What we write ourselves: instants, channels of routes, places in our own workspace.
_OURS = re.compile(
    r"<!date\^-?[0-9]+\^\{[a-z_]+\}( \{time(_secs)?\})?\|[^<>|\n]+>"
    r"|<#C[A-Z0-9]+>"
    r"|<https://genme\.slack\.com/archives/[A-Z0-9]+/p[0-9]+"
    r"(\?thread_ts=[0-9.]+&cid=[A-Z0-9]+)?\|[^<>\n]+>"
)
# Default_Ignorable_Code_Point of Unicode 15: nobody sees them.
_UNSEEN = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160)),
    *((0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    (0xE0000, 0xE0FFF),
)
_EMOJI_FORM = "\ufe0f"


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
    check_verbatim(rendered.blocks)
    for text in texts(rendered):
        assert harmless(text), ascii(text)


def harmless(text: str) -> bool:
    """Tell text that pings nobody, leads nowhere outside and hides nothing."""
    return not {"<", ">"} & set(_OURS.sub("", text)) and not hides(text)


def hides(text: str) -> bool:
    """Tell text with characters that are not seen, or that turn it around."""
    # Our own emoji come in two characters.
    bare = re.sub(f"(?<=[\u2190-\u2bff\U0001f300-\U0001faff]){_EMOJI_FORM}", "", text)
    return any(
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        or any(low <= ord(char) <= high for low, high in _UNSEEN)
        for char in bare
        if char not in "\n\t"
    )


def check_view_texts(view: Mapping[str, object]) -> None:
    """Hold each text of a view to the same; what fields are filled with is data."""
    for text in texts(Rendered("", [dict(view)])):
        assert harmless(text), ascii(text)
    check_verbatim(view)


def check_verbatim(value: object) -> None:
    """See that no text is left to Slack to find links and mentions in."""
    if isinstance(value, Mapping):
        assert value.get("type") != "mrkdwn" or value.get("verbatim") is True, value
        for item in value.values():
            check_verbatim(item)
    elif isinstance(value, list):
        for item in value:
            check_verbatim(item)


def buttons(rendered: Rendered) -> list[str]:
    """Give the action ids of the message's buttons."""
    return [
        str(element["action_id"])
        for block in rendered.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]
