"""
What a telling key's value could be: a person's, or evidence that shares the key's name.

``mobile: ios``, ``cell: cell-3``, ``mail: smtp-out`` and ``address: 10.0.0.1:9090`` are
labels; the same keys hold phones, mailboxes and homes elsewhere. A key is believed
unless its value can't be of that kind, however it is written: a phone has digits (or
words for them), an email address its ``@``, and what may be either, encoded or hashed,
is believed too. A name may be any word.
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Callable

from gateway.redaction.evidence import is_evidence, is_uuid, looks_random
from gateway.redaction.keys import is_faint, is_session_id, may_name_host
from gateway.redaction.shields import IPV4, PLACEHOLDER
from gateway.redaction.span import Kind

_PLACEHOLDER = re.compile(PLACEHOLDER)
_SIGN = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
# What stands for a value and is none.
_NO_VALUE = re.compile(
    r"(?i:null|none|nil|undefined|true|false|n/?a|unknown|empty|redacted|masked|hidden"
    r"|(?:str|string|int|bytes|text|varchar(?:\(\d+\))?|secret(?:str|bytes)|uuid)\??"
    r"(?:[ ]?\|[ ]?(?:none|null))?|optional\[\w+\]"
    r"|required|optional|\*+|x+|\.+|-+|\[?(?:redacted|filtered|masked)\]?"
    r"|\$\{[^}]*\}|\$\(?\w+\)?|\{\{.*|%\(\w+\)[sdifr]?|%[sdifrv]|%\w+%"
    r"|<[\w -]+>|&lt;.*)"
)
# By the key's last word: more tokens are counted than secrets.
_COUNTS = (
    (re.compile(r"(?i:\Apass\Z)"), re.compile(r"\d{1,6}(?:\.\d{1,20})?")),
    (re.compile(r"(?i:tokens)\Z"), re.compile(r"\d{1,12}(?:\.\d{1,20})?")),
    (
        re.compile(r"(?i:secrets|passwords|credentials|cookies|api_?keys)\Z"),
        re.compile(r"\d{1,4}"),
    ),
)
_FEWEST = {Kind.CARD: 12, Kind.NATIONAL_ID: 5}

# A phone's digits have separators alone between them; seven are one whatever is.
_RUN = re.compile(r"\d(?:[\W_]{0,3}\d){4}")
_FEWEST_ANYWHERE = 7
# Digits alone: three are a service's number (110), a decimal is a measurement.
_FEWEST_ALONE = 4
_DECIMAL = re.compile(r"\d+\.\d+")
_EXTENSION = re.compile(
    r"(?i:(?<![^\W_])(?:ext(?:ension|n)?|x|durchwahl|dw|poste|int(?:erno)?|anexo|ramal)"
    r"[ .:#-]{0,3}\d{2,6}(?!\w))|#\d{3,6}(?!\w)"
)
# 1-800-FLOWERS
_VANITY = re.compile(r"\+?[\d ().-]{3,12}[ -][A-Z]{4,10}")
_VERSION = re.compile(r"(?<![\d.])\d{1,2}(?:\.\d{1,2}){2}(?![\d.])")
# An IPv4 address that no number is written as: a port, or an octet of one digit.
_IPV4 = re.compile(rf"(?=[\d.]*:\d|(?:\d+\.){{0,3}}\d(?:\.|\Z)){IPV4}(?::\d{{1,5}})?")
_SPOKEN = re.compile(
    r"(?i:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)\b"
    r"[ ,-]{1,3}){4}"
)

_AT = re.compile(
    r"[@＠]|%(?:25){0,4}40|u0040|x40|&#0{0,5}64;|&#[xX]0{0,5}40;|&commat;|=40"  # noqa: RUF001 - a sign for @
    r"|(?i:[(\[{<][ ]?at[ ]?[)\]}>]|\bat\b.{1,80}\bdot\b)"
)
# A digest or another token: as long as one, and no word.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?=[A-Za-z]{0,99}\d)(?=\d{0,99}[A-Za-z])[A-Za-z0-9]{16,}"
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
)
# A session's, in which letters and digits are mixed; no number of a kernel or a domain.
_SESSION = re.compile(
    r"(?!0x|S-1-)(?=\D{0,4000}\d)(?=[^A-Za-z]{0,4000}[A-Za-z])[\w.~+/=%:-]{12,4000}",
    re.ASCII,
)
# What is longer names nothing.
_LONGEST_NAME = 300
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_LONGEST_HOSTS = 2_000
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}:/{2,3}(?:[\w.~-]{1,60}@)?)?"
    rf"(?:{IPV4}(?:/\d{{1,2}})?|\[[0-9a-fA-F:.]{{2,45}}(?:%\w{{1,15}})?\]"
    r"|[0-9a-fA-F:]{2,45}|\*|[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}\.?(?<!\.\d)(?<!\.\d\d)"
    r"(?<!\.\d{3}))?(?::(?:\d{1,5}|\*))?(?:/\S*)?|0x[0-9a-fA-F]+",
    re.ASCII,
)
_BETWEEN_HOSTS = re.compile(r"[,;\s]+")
_OF_A_HOST = re.compile(r"[.:*/\d]")


def is_count(value: str, key: str) -> bool:
    """Tell how many there are: of tests that pass, of tokens, of secrets."""
    form = next((form for word, form in _COUNTS if word.search(key)), None)
    return form is not None and form.fullmatch(value) is not None


def is_no_value(value: str) -> bool:
    """Tell a null, a flag, a template, a mask, a placeholder."""
    bare = _PLACEHOLDER.sub("", value).strip()
    return _SIGN.search(bare) is None or _NO_VALUE.fullmatch(bare) is not None


def is_value(kind: Kind, value: str, key: str) -> bool:
    """Tell a value that its key may be believed of from a label, a host, a flag."""
    # What stands for a placeholder keeps a value what it was with what it hides.
    bare = _PLACEHOLDER.sub("x0" if kind is Kind.ADDRESS else "ª", value).strip()
    is_folder = value.startswith("/") and key.lower().endswith("pwd")
    if is_no_value(value) or is_folder:
        return False
    if kind is Kind.SECRET:
        return _is_session(value, key) if is_faint(key) else not is_count(value, key)
    if kind is Kind.ADDRESS and may_name_host(key):
        has_letter = _LETTER.search(_PLACEHOLDER.sub("", value)) is not None
        return has_letter and not _are_hosts(bare)
    if kind in _FEWEST:
        return len(_DIGIT.findall(bare)) >= _FEWEST[kind]
    judge = _JUDGES.get(kind)
    return judge is None or judge(bare)


def _is_session(value: str, key: str) -> bool:
    if _SESSION.fullmatch(value) is None or is_evidence(value):
        return False
    if len(value) > _LONGEST_NAME:
        return True
    return looks_random(value) and not (is_uuid(value) and is_session_id(key))


def _is_birth(value: str) -> bool:
    return _DIGIT.search(value) is not None or len(value.split()) > 1


def _is_name(value: str) -> bool:
    return _LETTER.search(value) is not None


def _is_ip(value: str) -> bool:
    return "." in value or ":" in value


def _is_phone(value: str) -> bool:
    return _is_number(value) or _is_number(_decoded(value))


def _is_number(value: str) -> bool:
    digits = len(_DIGIT.findall(value))
    if _IPV4.fullmatch(value):
        return False
    if digits >= _FEWEST_ANYWHERE:
        return True
    if _LETTER.search(value) is None:
        return digits >= _FEWEST_ALONE and _DECIMAL.fullmatch(value) is None
    return (
        _RUN.search(_VERSION.sub(" ", value)) is not None
        or _EXTENSION.search(value) is not None
        or _VANITY.fullmatch(value) is not None
        or _SPOKEN.search(value) is not None
    )


def _is_email(value: str) -> bool:
    return (
        _AT.search(value) is not None
        or _TOKEN.search(value) is not None
        or _AT.search(_decoded(value)) is not None
    )


def _decoded(value: str) -> str:
    """Give what a value is as Base64, decoded once; empty if it is none."""
    if _BASE64.fullmatch(value) is None:
        return ""
    sign = value.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return urlsafe_b64decode(sign + "=" * (-len(sign) % 4)).decode()
    except (Error, UnicodeDecodeError):
        return ""


def _are_hosts(value: str) -> bool:
    """Tell a host, or a list of which each shows that it is one."""
    if len(value) > _LONGEST_HOSTS:
        return False
    hosts = _BETWEEN_HOSTS.split(value)
    return all(
        _HOST.fullmatch(one) and (len(hosts) == 1 or _OF_A_HOST.search(one))
        for one in hosts
    )


_JUDGES: dict[Kind, Callable[[str], bool]] = {
    Kind.PHONE: _is_phone,
    Kind.EMAIL: _is_email,
    Kind.BIRTH: _is_birth,
    Kind.NAME: _is_name,
    Kind.IP: _is_ip,
}
