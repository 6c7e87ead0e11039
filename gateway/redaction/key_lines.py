"""
Secrets in a list of JSON that the text before them tells.

A private key whose lines are texts of their own, and the value of a command's option.
"""

import re
from dataclasses import dataclass

_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----\s*\Z")
_END = re.compile(r"-----END[A-Z0-9 ]{0,60}-----")
_BODY = re.compile(
    r"\s*(?:[A-Za-z0-9+/=]{1,100}|=[\w+/]{4}|[\w-]{2,20}: [\w ,.:()+/-]{1,100})?\s*"
)
_OPTION = re.compile(
    r"--(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|passphrase|token|secret|api-?key"
    r"|(?:secret|access)-?key)"
)


@dataclass(slots=True)
class KeyLines:
    """Texts in their order: which of them the ones before make secrets."""

    _is_open: bool = False
    _is_option: bool = False

    def holds(self, text: str) -> bool:
        """Tell an option's value and a key's lines but its first; asked once each."""
        if "--" not in text and not (self._is_open or self._is_option):
            return False
        is_value, self._is_option = self._is_option, _OPTION.fullmatch(text) is not None
        if is_value and not text.startswith(("-", "$", "⟨")):
            return text != ""
        if not self._is_open:
            self._is_open = "PRIVATE KEY" in text and _BEGIN.search(text) is not None
            return False
        if _END.match(text.strip()) is not None:
            self._is_open = False
            return True
        self._is_open = _BODY.fullmatch(text) is not None
        return self._is_open and text.strip() != ""
