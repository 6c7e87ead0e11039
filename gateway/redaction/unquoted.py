"""
Where a secret ends that no quotes enclose.

A password may hold ``&``, ``;``, a bracket or a quote. Such a sign ends it only where
what follows is another field's, a tag, a bracket's other half, a blank or the end.
"""

import re

# Signs that end a plain word, and may stand within a secret.
_STOPS = r"\s\"'&;,<>(){}\[\]⟨⟩|"
_FIELD = r"[\w.%\[\]-]{1,80}"
_SECRET = re.compile(
    # what begins with one of these is a template, or nothing
    rf"(?!\$[({{\[])[^{_STOPS}\\]"
    r"(?:"
    rf"[^{_STOPS}\\]{{1,200}}+"
    r"|\\(?!\\{0,15}[\"'](?![\w])|[\"']\Z)"
    rf"|&(?!(?:amp;)?{_FIELD}=|(?:quot|lt|gt|apos|#\d{{1,4}}|#x[0-9a-fA-F]{{1,4}});"
    r"|[\s&]|\Z)"
    r"|;(?![\s;]|[\w .-]{1,40}=|\Z)"
    r"|,(?![\s,\"'\\\[{(]|[\w.-]{1,60}\\{0,7}[\"']?[ ]?[=:]|\Z)"
    rf"|\|(?![\s|]|{_FIELD}=|\Z)"
    r"|<(?![/!]|[A-Za-z][\w:-]{0,40}(?:\s[^<>]{0,80})?/?>|\Z)"
    r"|\([^\s()\"'⟨⟩]{0,80}\)|\[[^\s\[\]\"'⟨⟩]{0,80}\]|\{[^\s{}\"'⟨⟩]{0,80}\}"
    r"|[(\[{](?![\s\"']|\Z)"
    # a bracket or a quote that closes has no letter behind it
    r"|[)\]}>\"'](?=\w)"
    r")*+"
)


def end_of_secret(text: str, start: int) -> int | None:
    """Give where the secret ends that begins at ``start``; None if none begins."""
    found = _SECRET.match(text, start)
    return None if found is None else found.end()
