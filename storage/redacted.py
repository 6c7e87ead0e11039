"""What may be stored, told and logged: values that the gate has searched."""

from typing import NewType

from pydantic import JsonValue

# Made by gateway.redaction.redact alone; a test holds that.
Redacted = NewType("Redacted", dict[str, JsonValue])
RedactedText = NewType("RedactedText", str)
