# ruff: noqa: RUF001 - delimiters of other scripts
"""
Email addresses: RFC 5321's mailbox and RFC 6531's in any script, found from the ``@``.

Each ``@`` costs a bounded look to both sides (64 octets of local part, 255 of domain,
RFC 5321 §4.5.3.1), so the time is linear in the text whatever it holds. What only looks
like one is left: a unit of systemd, a version of a package, a picture's density.
"""

import re
from collections.abc import Iterator

_MOST_LOCAL = 64
# Delimiters of logs, URLs and prose; ``.`` is a delimiter within.
_NO_ATOM = (
    r"\s\x00-\x1f\x7f()<>\[\]{},;:\"\\@|=?&/!#$*^~`"
    "⟨⟩«»‹›“”„‘’‚…·、。，；：！？（）【】《》「」『』＠"
)
_LOCAL_BACKWARDS = re.compile(rf"[^{_NO_ATOM}]{{1,{_MOST_LOCAL}}}")
_ODD_LOCAL_BACKWARDS = re.compile(r"[!#$%&'*+/=?^_`{|}~\w.-]{1,64}")
_QUOTED_BEFORE = re.compile(r"\\?\"(?:[^\"\\\n]|\\[^\n]){0,64}\"\Z")
_COMMENT_BEFORE = re.compile(r"\([^\n@]{0,62}\)\Z")
# Return paths hold the address of another: VERP, SRS, BATV.
_RETURN_PATH = re.compile(
    r"(?<![\w.+=-])(?i:bounces?[+-]|returns?[+-]|srs[01][=+-]|(?:ms)?prvs\d?=)[\w.+=-]*=\Z"
)
_LABEL = rf"[^{_NO_ATOM}.'%+\-](?:[^{_NO_ATOM}.'%+]{{0,62}})"
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_DOMAIN = re.compile(
    rf"(?:{_LABEL}[.。]){{1,126}}"
    rf"(?:(?:xn--[a-z0-9-]{{1,59}}|[A-Za-z]{{1,63}})(?=[{_CJK}]|[^\w-]|\Z)|{_LABEL})"
    r"|\[[^\]\s@]{2,100}\]"
)
# Units of systemd, and files, end like this.
_NO_TOP_LEVEL = re.compile(
    r"service|socket|timer|mount|automount|target|slice|scope|device|swap|path|png"
    r"|jpe?g"
    r"|gif|svg|webp|ico|[mc]?js|ts|css|map|json|ya?ml|lock|tgz|jar"
)
# Keyboards of Chinese and Japanese write the wide one.
_AT = re.compile("[@＠]")
_WINDOWS_DOMAIN = re.compile(r"(?<![\w\\])[A-Z][A-Z0-9-]{1,14}\\\Z")
# Behind a backslash, as Python, JSON and logfmt write what is no letter.
_ESCAPE = re.compile(r"(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[nrtbf0])(?=[^@])")
_VERSION = re.compile(r"v?\d{1,9}\.\d{1,9}")
_LETTER = re.compile(r"[^\W\d_]")


def email_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Give addresses in order; none overlaps another."""
    ends_before = 0
    hit = _AT.search(text)
    while hit is not None:
        at = hit.start()
        domain = _DOMAIN.match(text, at + 1)
        if domain is not None and _is_domain(domain[0]):
            start = _local_start(text, at, ends_before)
            if start < at and not _is_remote(text, start, domain.end()):
                ends_before = domain.end()
                yield start, ends_before
        hit = _AT.search(text, at + 1)


def _local_start(text: str, at: int, floor: int) -> int:
    """Give where the local part begins; ``at`` if there is none."""
    before = text[max(floor, at - _MOST_LOCAL - 4) : at]
    if before.endswith('"'):
        quoted = _QUOTED_BEFORE.search(before)
        return at if quoted is None else at - len(quoted[0])
    if before.endswith(")"):
        comment = _COMMENT_BEFORE.search(before)
        return at if comment is None else at - len(comment[0])
    backwards = before[::-1]
    found = _LOCAL_BACKWARDS.match(backwards) or _ODD_LOCAL_BACKWARDS.match(backwards)
    if found is None:
        return at
    local = found[0][::-1]
    start = at - len(local.lstrip(".'%-"))
    start = _behind_escape(text, start, at)
    if text[start - 1 : start] == "=":
        returned = _RETURN_PATH.search(text, max(floor, start - _MOST_LOCAL), start)
        return start if returned is None else returned.start()
    if start < at and text[start - 1 : start] == ")":
        comment = _COMMENT_BEFORE.search(text, max(floor, start - _MOST_LOCAL), start)
        return start if comment is None else comment.start()
    return start


def _behind_escape(text: str, start: int, at: int) -> int:
    """Take off what a backslash escapes, but for an account behind its domain."""
    if text[start - 1 : start] != "\\" or text[start - 2 : start - 1] == "\\":
        return start
    if _WINDOWS_DOMAIN.search(text, max(0, start - 16), start):
        return start
    escape = _ESCAPE.match(text, start, at)
    return start if escape is None else escape.end()


def _is_remote(text: str, start: int, end: int) -> bool:
    """Tell ``git@host:path``, which is nobody's address."""
    return text.startswith("git@", start) and text[end : end + 1] in {":", "/"}


def _is_domain(domain: str) -> bool:
    if domain.startswith("["):
        return True
    top_level = domain.replace("。", ".").rpartition(".")[2]
    return (
        _LETTER.search(top_level) is not None
        and _NO_TOP_LEVEL.fullmatch(top_level.lower()) is None
        and _VERSION.match(domain) is None
        and not domain.endswith("-")
    )
