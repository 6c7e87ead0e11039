"""The bundle's rules, as the engine takes them."""

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.rules import policy_of
from policy.redaction import RedactionRules


def test_what_policy_asks_for_is_looked_for() -> None:
    """An address of a host is personal where policy says so, and evidence elsewhere."""
    found = []
    for asked in (True, False):
        rules = RedactionRules(asked, False, (), 30)  # noqa: FBT003 - its fields
        placeholders = Placeholders(key=b"k", policy=policy_of(rules))
        found.append(redact_text("login from 203.0.113.7 failed", placeholders))

    assert ["login from ⟨ip:1⟩ failed", "login from 203.0.113.7 failed"] == found
