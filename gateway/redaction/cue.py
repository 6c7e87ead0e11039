# ruff: noqa: RUF001 - words in other scripts
"""
Words and keys that say what stands beside them, in the larger languages of our users.

A key is what stands before ``=`` or ``:``; a cue is a word before a value in the same
line. The lists are closed: what is not named here needs a form of its own to be found.
"""

import re
from functools import lru_cache

# A key that is read backwards, and what stands between it and its value.
_KEY_BACKWARDS = re.compile(r"[\w.\-]{1,40}")
_KEY_BEGINS = re.compile(r"[^\W\d]")
_BETWEEN = re.compile(
    r"(?<=[\w.\-])(?:\\{0,3}[\"'])?[ ]?(?:=>|[=:])[ ]?(?:\\{0,3}[\"'(<])?\Z"
)
_KEY_WINDOW = 52
_MOST_BETWEEN = 12
_BEFORE_VALUE = frozenset("=: \"'(<>")

_MEASURES = (
    r"ids?|offset|lag|epoch|bytes|size|count|total|limit|length|len|duration|latency"
    r"|elapsed|took|ms|us|ns|ts|time|timestamp|date|port|pid|tid|lines?|status|code"
    r"|partition|seq|sequence|version|rev|revision|build|generation|attempts?|retries|ttl"
    r"|timeout|memory|mem|cpu|usage|used|free|height|width|rows|hash|sha|commit|range"
    r"|cron|schedule|index|idx|step|rate|ratio|percent|score|price|amount|p\d\d|level"
    r"|rank|series|order|invoice|ticket|serial|sku|isbn|zip|postcode|postal_code|plz|year"
)
_PHONE_KEY = re.compile(
    r"(?i:phone|msisdn|mobile|cell(?!s)|whats_?app|landline|(?:^|[_.\-])tel(?:$"
    r"|[_.\-\d])"
    r"|telefon|telefono|telefone|rufnummer|handy|fax|caller|callee|call_?back|dial"
    r"|contact(?!s_count)|sms_to|(?:^|[_.\-])(?:a|b)_?number)"
)
_MEASURE = re.compile(
    rf"(?:(?:^|[_.\-])(?i:{_MEASURES}|[xy]|lat|lon|lng|key|ver|ref|min|max|avg|sum)"
    r"|[a-z](?:Ids?|Offset|Lag|Bytes|Size|Count|Total|Limit|Length|Duration|Latency|Ms|Ns"
    r"|Time|Timestamp|Date|Port|Pid|Line|Status|Code|Partition|Sequence|Version|Revision"
    r"|Build|Generation|Attempts?|Retries|Timeout|Memory|Usage|Height|Width|Rows|Hash"
    r"|Range|Index|Step|Rate|Ratio|Percent|Score|Price|Amount|Level|Rank|Order|Ref|At)"
    r"|(?i:bytes|timestamp|offset|count))\Z"
)
# Who is reached, in keys of messages.
REACHED_BY = re.compile(
    r"(?i:(?:[\w.]{0,20}[_.\-])?(?:to|from|recipients?|dest|destination|sender"
    r"|subscriber"
    r"|customer|user|username|login|number|num|no|nr|value|query|q|payload|arg|input))"
)
REACHING = re.compile(
    r"(?i:\b(?:sms|text|otp|mms|call(?:s|ed|ing|back)?|voice(?:mail)?|notif\w{0,8}"
    r"|deliver\w{0,4}|messag\w{0,4}|send|sent|ring|dial\w{0,3}|twilio|vonage|phone))"
)
_PHONE_WORDS = (
    r"phone|telephone|t[eé]l\.?|mobile|caller|ph(?=[.:])|contact(?= (?:no|nr|num)\b)"
    r"|mobile|cell(?:phone)?|msisdn|whats ?app|viber|signal me"
    r"|landline|fax|hotline|voice ?mail|sms|dial\w{0,5}"
    r"|telefon\w{0,8}|tel[eé]fono|m[oó]vil|celular|telefone|t[eé]l[eé]phone|portable"
    r"|tlf|handy|rufnummer|mobil\w{0,6}|r[uü]ckruf|cellulare|telefoon|gsm|kom[oó]rk\w{1,3}"
    r"|puhelin\w{0,4}|тел\w{0,8}|моб\w{0,8}|電話\w{0,3}|电话|手机|携帯|전화|휴대폰|هاتف|جوال|טלפון"
    r"|दूरभाष|फ़ोन|โทร"
)
PHONE_CUE_ADJACENT = re.compile(
    rf"(?i:(?<![^\W_])(?:{_PHONE_WORDS}|(?:my|the|new|old|his|her|their|your|contact"
    r"|customer)['’]?s? number|(?:call|ring|text|phone)(?:d|ed|ing|s)?"
    r"(?: (?:me|us|him|her|them|back|customer|the|user|on|at|from))*|reachable"
    r"|ll[aá]m\w{1,6}(?: al)?"
    r"|reach(?:ed|ing|es)?(?: (?:me|us|him|her|them|customer|the|user|on|at))+"
    r"|(?:login|log-in|sign-?in|otp|sms|code|call|voicemail|text|message|pin)"
    r"[^\n\d]{0,24}\b(?:for|to|from|of|by)))"
    r"(?:[ ]?(?:number|no|nr|num|n[°º]|is|at|on(?: file| record)?|was|to|ist|es|est"
    r"|line|[:#.=–-]))*"
    r"[ :=\"'(\\]{0,4}\Z"
)
PHONE_CUE = re.compile(
    rf"(?i:(?<![^\W_])(?:{_PHONE_WORDS}|call(?:s|ed|er|ee|back)?|call me|ring"
    rf"|reach\w{{0,3}}"
    r"|contact\w{0,3}|number|login|sign-?in|otp|verification|subscriber|customer|user"
    r"|requested by"
    r"|recipient|sender|notif\w{0,8}|anruf\w{0,4}|ruf\w{0,4}|llam\w{1,6}"
    r"|llám\w{1,6}|appel\w{0,4}|zur[uü]ck\w{0,8}|erreich\w{0,6}|chiam\w{1,5}|liga\w{0,3}|bel\b|ring\w{0,2}|dzwo\w{1,5}"
    r"|звон\w{0,5})\b)"
)


# Letters of visiting cards and signatures, right before a number.
PHONE_LETTER = re.compile(r"(?<![^\s,;|(])(?:[TM]:|[Pp][Hh](?:\.:?|:))[ ]?\Z")
# What makes a ``#`` before digits a phone's and not a ticket's.
PHONE_HASH = re.compile(
    r"(?i:(?<![^\W_])(?:(?:tele)?phone|t[eé]l|mobile|fax|contact|whats ?app)"
    r"(?: (?:number|no|nr))?[ .:]{0,2}#\Z)"
)
# An instant follows these as well: ``login at 1712345678``.
AT_AN_INSTANT = re.compile(r"(?i:(?<!\b[mu][es] )(?<!\bh[ie][mr] )\bat[ :]{0,2}\Z)")
# What is told of a number after it; for written forms alone.
PHONE_CUE_AFTER = re.compile(
    r"(?i:[^\n]{0,36}?\b(?:no answer|busy|voice ?mail|unreachable|hung up|rang"
    r"|picked up|sms|text(?:ed|s)?|messages?|call(?:ed|er|s|back)?|phone|dial\w{0,4})"
    r"\b)"
)
# A part of each cue and of each telling key, in lower case, for a prefilter.
PHONE_STEMS = (
    "phone", "tel", "mobil", "cell", "msisdn", "whats", "viber", "signal", "landline",
    "fax", "hotline", "voice", "sms", "dial", "móvil", "movil", "celular", "tél",
    "handy", "portable", "gsm", "kom", "puhelin", "тел", "моб", "電話", "电话", "手机",
    "携帯", "전화", "휴대", "هاتف", "جوال", "טלפון", "दूर", "फ़", "โทร", "number", "num",
    "call", "ring", "text", "reach", "login", "log", "sign", "otp", "code", "pin",
    "message", "contact", "verif", "subscr", "customer", "user", "request", "dest",
    "recipient", "sender", "notif", "ruf", "llam", "llám", "tlf", "appel", "chiam",
    "liga", "bel", "dzwo", "звон", "to", "from", "value", "query", "payload", "arg",
    "input", "nr",
)  # fmt: skip


# How each cue of ``PHONE_CUE_ADJACENT`` begins, or its last word.
_ADJACENT_STEMS = (
    "phone", "tel", "mobil", "call", "contact", "cell", "msisdn", "whats", "viber",
    "signal", "landline", "fax", "hotline", "voice", "sms", "dial", "movil", "celular",
    "portable", "handy", "rufnummer", "ruckruf", "gsm", "komork", "puhelin", "number",
    "ring", "text", "reach", "log", "sign", "otp", "code", "message", "pin", "tlf",
    "llam",
)  # fmt: skip


@lru_cache(maxsize=4096)
def is_phone_key(key: str) -> bool:
    """Tell a key of phone numbers."""
    return _PHONE_KEY.search(key) is not None


@lru_cache(maxsize=4096)
def is_measure(key: str) -> bool:
    """Tell a key of counts, instants and ids."""
    return _MEASURE.search(key) is not None


def begins_adjacent_cue(word: str) -> bool:
    """Tell small letters of ASCII with which ``PHONE_CUE_ADJACENT`` begins."""
    return word == "ph" or word.startswith(_ADJACENT_STEMS)


def key_before(text: str, start: int) -> str | None:
    """Give the key whose value begins at ``start``."""
    if text[start - 1 : start] not in _BEFORE_VALUE:
        return None
    first = max(0, start - _KEY_WINDOW)
    between = _BETWEEN.search(text, max(first, start - _MOST_BETWEEN), start)
    if between is None:
        return None
    found = _KEY_BACKWARDS.match(text[first : between.start()][::-1])
    key = "" if found is None else found[0][::-1]
    begins = _KEY_BEGINS.search(key)
    return None if begins is None else key[begins.start() :]
