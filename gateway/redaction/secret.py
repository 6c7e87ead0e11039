"""
Secrets by their form: a keyword that is cheap to look for, then a rule.

The rules have the shape of gitleaks' (keywords, pattern, least entropy); the tokens
that begin with a mark of their issuer are one pattern. A secret under a telling key
(``password=``) is found by its key, not here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import log2

_LONGEST_KEY_BLOCK = 20_000
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END[A-Z0-9 ]{0,60}(?:-----)?")
_BODY = re.compile(r"(?:[A-Za-z0-9+/=]{16,80}|\s|\\[nrt\\]){0,2000}")


# Tokens that begin with their issuer's mark: one scan finds all, no keyword is needed.
_TOKENS = (
    # Slack, GitHub, GitLab
    r"xox[abeoprs]-[\w-]{10,250}",
    r"xapp-[\w-]{10,250}",
    r"gh[pousr]_\w{30,255}",
    r"github_pat_\w{22,255}",
    r"gl(?:pat|dt|rt)-[\w.-]{20,80}",
    # AWS, Google, DigitalOcean
    r"A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}\b",
    r"AIza[\w-]{35}(?![\w-])",
    r"ya29\.[\w-]{20,400}",
    r"GOCSPX-[\w-]{28}",
    r"do[opr]_v1_[0-9a-f]{64}",
    # payment, mail, telephony
    r"[srp]k_(?:live|test)_[0-9A-Za-z]{10,120}",
    r"whsec_[0-9A-Za-z+/=]{16,90}",
    r"sq0(?:atp|csp|idp)-[\w-]{22,43}",
    r"SG\.[\w-]{16,32}\.[\w-]{16,64}",
    r"key-[0-9a-f]{32}\b",
    r"SK[0-9a-f]{32}\b",
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    # models
    r"sk-[A-Za-z0-9_-]{20,250}",
    r"hf_[A-Za-z0-9]{30,60}\b",
    # registries and build
    r"npm_[A-Za-z0-9]{36}\b",
    r"pypi-A[\w-]{50,250}",
    r"dckr_(?:pat|oat)_[\w-]{20,60}",
    r"rubygems_[0-9a-f]{48}",
    # observability, stores of secrets, work tools
    r"gl(?:sa|c)_[A-Za-z0-9_+/=]{20,250}",
    r"NRAK-[A-Z0-9]{27}",
    r"sntry[us]_[\w+/=-]{30,300}",
    r"hv[sbr]\.[\w-]{20,250}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
    r"dp\.(?:pt|st|ct|sa)\.[\w.-]{40,80}",
    r"dapi[0-9a-f]{32}(?:-\d)?\b",
    r"lin_(?:api|oauth)_\w{32,80}",
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    r"ATATT3[\w=-]{60,250}",
    r"figd_[\w-]{30,60}",
    r"pul-[0-9a-f]{40}\b",
    # RFC 7519: a JSON object's first byte in Base64 url
    r"eyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,2000}){0,3}",
)
# A keyword in lower case; a pattern, whose first group is the secret; the least entropy
# in bits a sign.
_RULES: tuple[tuple[str, re.Pattern[str], float], ...] = (
    ("hooks.slack", re.compile(r"hooks\.slack\.com/(services/[\w/+-]{20,120})"), 0.0),
    (
        "discord",
        re.compile(r"discord(?:app)?\.com/api/(webhooks/\d{15,21}/[\w-]{50,90})"),
        0.0,
    ),
    (":aa", re.compile(r"\b(\d{8,10}:AA[\w-]{32,34})(?![\w-])"), 0.0),
    ("atlasv1", re.compile(r"\b(\w{14}\.atlasv1\.[\w-]{60,80})"), 0.0),
    (
        "key=",
        re.compile(r"(?i:(?:account|sharedaccess)key)=([A-Za-z0-9+/]{32,120}={0,2})"),
        0.0,
    ),
    ("sig=", re.compile(r"[?&]sig=([\w%+/-]{32,120}={0,2})"), 0.0),
    ("x-amz-signature", re.compile(r"(?i:x-amz-signature)=([0-9a-f]{64})"), 0.0),
    # HTTP's authorization and cookies, user and password of a URL and of curl
    (
        "bearer",
        re.compile(
            r"(?i:\bbearer)(?:[\"']?[:=])?(?:\s|%20|\+){1,4}[\"']?"
            r"((?=[\w.~+/=-]{0,19}\d|[\w.~+/=-]{20})[\w.~+/=-]{16,4000})"
        ),
        0.0,
    ),
    ("basic", re.compile(r"(?i:\bbasic)[ ]+([A-Za-z0-9+/]{8,2000}={0,2})"), 3.3),
    (
        "authorization",
        re.compile(
            r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?!(?i:bearer|basic)\b)"
            r"((?i:(?:token|digest|aws4-hmac-sha256|apikey)\s+)?[^\s\"'⟨⟩]{8,2000})"
        ),
        2.5,
    ),
    (
        "cookie",
        re.compile(
            r"(?i:cookie)[\"']?[ ]?:[ ]?[\"']?([\w.-]{1,80}=[^\r\n\"'⟨⟩]{8,4000})"
        ),
        0.0,
    ),
    (
        "://",
        re.compile(
            r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/?#@\"'<>]{0,100}"
            r":([^\s@/\"'<>⟨⟩$]{1,200})@"
        ),
        0.0,
    ),
    (
        " -u",
        re.compile(r"\s-u[ ]?[\"']?[\w.@+-]{1,80}:([^\s\"'⟨⟩$]{4,120})"),
        0.0,
    ),
)


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile(rf"\b(?=[xgAyGdsrpwSkhnNlPfe])(?:{'|'.join(_TOKENS)})")


def secrets(text: str, lowered: str) -> Iterator[tuple[int, int]]:
    """
    Give secrets, rule by rule; those of two rules may overlap.

    ``lowered`` is the text in lower case, for the prefilter alone.
    """
    if "private key" in lowered:
        yield from _private_keys(text)
    for hit in _tokens().finditer(text):
        yield hit.span()
    for keyword, pattern, least in _RULES:
        if keyword in lowered:
            for hit in pattern.finditer(text):
                if not least or entropy(hit[1]) >= least:
                    yield hit.span(1)


def entropy(text: str) -> float:
    """Give Shannon's entropy in bits a sign."""
    size = len(text)
    return -sum(n / size * log2(n / size) for n in Counter(text).values())


def _private_keys(text: str) -> Iterator[tuple[int, int]]:
    """Give PEM and PGP blocks; one that is cut off ends with its last line."""
    begin = _BEGIN.search(text)
    while begin is not None:
        closing = text.find("-----END", begin.end(), begin.end() + _LONGEST_KEY_BLOCK)
        if closing == -1:
            body = _BODY.match(text, begin.end())
            end = body.end() if body is not None else begin.end()
        else:
            ending = _END.match(text, closing)
            end = ending.end() if ending is not None else closing
        yield begin.start(), end
        begin = _BEGIN.search(text, end)
