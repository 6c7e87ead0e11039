"""Why a person holds something: told to everybody, kept for ever, and about nobody."""

from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.worded import worded


def hidden_reason(reason: str) -> str:
    """Give a reason in which people and secrets are only said to be there."""
    return worded(redact_text(reason, Placeholders(key=b"")))
