"""The way back: placeholders in what comes back become their values."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from gateway.redaction.placeholder import FORM
from gateway.redaction.walk import walk


class UnknownPlaceholder(Exception):
    """A placeholder that this task never gave out; nothing is sent with it."""


def rehydrate(value: JsonValue, known: Mapping[str, str]) -> JsonValue:
    """
    Replace each placeholder by its value; ``known`` maps placeholders to values.

    In one pass: a value that looks like a placeholder is not looked up again. Secrets
    were removed for good, ``⟨secret⟩`` stays.

    Raises:
        UnknownPlaceholder: one stands in ``value`` and is not in ``known``.
    """

    def of(hit: re.Match[str]) -> str:
        found = known.get(hit[0])
        if found is None:
            raise UnknownPlaceholder(
                f"{hit[0]} is no placeholder of this task; read the value again, and "
                "send what that answer holds"
            )
        return found

    def back(text: str) -> str:
        return FORM.sub(of, text) if "⟨" in text else text

    return walk(
        value, lambda leaf, _key: back(leaf) if isinstance(leaf, str) else leaf, back
    )
