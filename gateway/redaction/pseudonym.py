"""
Pseudonyms: what stands for a value before any task is known, as in an alert.

``⟨email:kqzvbnwt⟩`` is made of letters alone, so that it is never taken for a task's
own ``⟨email:1⟩``. The same value has the same one in a whole tenant, and nobody without
the key can tell which; nothing keeps the value itself.
"""

import re
from dataclasses import dataclass

from gateway.redaction.fingerprint import pseudonym
from gateway.redaction.placeholder import Placeholders

_FORM = re.compile(r"⟨[a-z_]{1,20}:[b-z]{8}⟩", re.ASCII)


@dataclass(slots=True)
class Pseudonyms(Placeholders):
    """
    Placeholders that are a function of the value; ``key`` is one tenant's.

    What comes in is never ours.
    """

    is_own: bool = False

    def stand_in(self, kind: str, value: str) -> str:
        found = pseudonym(self.key, kind, value)
        self.remember(found)
        return found


def pseudonyms_in(*texts: str) -> frozenset[str]:
    """Give the pseudonyms that stand in our own texts."""
    return frozenset(hit for text in texts for hit in _FORM.findall(text))
