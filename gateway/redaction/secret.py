"""
Secrets by their form: a keyword that is cheap to look for, then a rule.

The rules have the shape of gitleaks' (keywords, pattern, least entropy); the tokens
that begin with a mark of their issuer are one pattern. A secret under a telling key
(``password=``) is found by its key, not here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from math import log2

from gateway.redaction.evidence import is_no_password

_LONGEST_KEY_BLOCK = 20_000
# What is so long may go on beyond its pattern.
_LONGEST_READ = 2_000
_REST = re.compile(r"[\w.~+/=%-]*+", re.ASCII)
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END[A-Z0-9 ]{0,60}(?:-----)?")
# Lines of a key behind what a log writes before each.
_PREFIXED = re.compile(
    r"(?:\s{0,8}\n[^\n]{0,160}?[\s>|:\"'](?=[A-Za-z0-9+/]{40})[A-Za-z0-9+/]{40,80}+={0,2}"
    r"[\"',]{0,2}\r?(?=\n|\Z)){1,200}+"
)
_BODY = re.compile(r"(?:[A-Za-z0-9+/=]{16,80}|\s|\\[nrt\\]){0,2000}")
# Tokens that begin with their issuer's mark: the marks, and a pattern.
_TOKENS = (
    # Slack, GitHub, GitLab
    ("xox", r"xox[abeoprs]-[\w-]{10,250}"),
    ("xapp-", r"xapp-[\w-]{10,250}"),
    ("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_\w{30,255}"),
    ("github_pat_", r"github_pat_\w{22,255}"),
    ("glpat- gldt- glrt-", r"gl(?:pat|dt|rt)-[\w.-]{20,80}"),
    # AWS, Google, DigitalOcean
    ("AKIA ASIA ABIA ACCA", r"A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}\b"),
    ("AIza", r"AIza[\w-]{35}(?![\w-])"),
    ("ya29.", r"ya29\.[\w-]{20,400}"),
    ("GOCSPX-", r"GOCSPX-[\w-]{28}"),
    ("doo_v1_ dop_v1_ dor_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    # payment, mail, telephony
    (
        "sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_",
        r"[srp]k_(?:live|test)_[0-9A-Za-z]{10,120}",
    ),
    ("whsec_", r"whsec_[0-9A-Za-z+/=]{16,90}"),
    ("sq0", r"sq0(?:atp|csp|idp)-[\w-]{22,43}"),
    ("SG.", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    ("key-", r"key-[0-9a-f]{32}\b"),
    (
        "SK0 SK1 SK2 SK3 SK4 SK5 SK6 SK7 SK8 SK9 SKa SKb SKc SKd SKe SKf",
        r"SK[0-9a-f]{32}\b",
    ),
    ("shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    # models
    ("sk-", r"sk-[A-Za-z0-9_-]{20,250}"),
    ("hf_", r"hf_[A-Za-z0-9]{30,60}\b"),
    # registries and build
    ("npm_", r"npm_[A-Za-z0-9]{36}\b"),
    ("pypi-A", r"pypi-A[\w-]{50,250}"),
    ("dckr_", r"dckr_(?:pat|oat)_[\w-]{20,60}"),
    ("rubygems_", r"rubygems_[0-9a-f]{48}"),
    # observability, stores of secrets, work tools
    ("glsa_ glc_", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{20,250}"),
    ("NRAK-", r"NRAK-[A-Z0-9]{27}"),
    ("sntry", r"sntry[us]_[\w+/=-]{30,300}"),
    ("hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,250}"),
    ("AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("dp.", r"dp\.(?:pt|st|ct|sa)\.[\w.-]{40,80}"),
    ("dapi", r"dapi[0-9a-f]{32}(?:-\d)?\b"),
    ("lin_", r"lin_(?:api|oauth)_\w{32,80}"),
    ("PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("ATATT3", r"ATATT3[\w=-]{60,250}"),
    ("figd_", r"figd_[\w-]{30,60}"),
    ("pul-", r"pul-[0-9a-f]{40}\b"),
    # RFC 7519: a JSON object's first byte in Base64 url
    ("eyJ", r"eyJ[\w-]{8,4000}\.[\w-]{8,8000}(?:\.[\w-]{0,2000}){0,3}"),
)
# A keyword in lower case; a pattern that begins with it, its first group is the secret;
# the least entropy in bits a sign.
_RULES: tuple[tuple[str, re.Pattern[str], float], ...] = (
    ("hooks.slack", re.compile(r"hooks\.slack\.com/(services/[\w/+-]{20,120})"), 0.0),
    (
        "discord",
        re.compile(r"discord(?:app)?\.com/api/(webhooks/\d{15,21}/[\w-]{50,90})"),
        0.0,
    ),
    (
        "accountkey=",
        re.compile(r"(?i:accountkey)=([A-Za-z0-9+/]{32,120}={0,2})"),
        0.0,
    ),
    (
        "sharedaccesskey=",
        re.compile(r"(?i:sharedaccesskey)=([A-Za-z0-9+/]{32,120}={0,2})"),
        0.0,
    ),
    ("sig=", re.compile(r"sig=(?<=[?&]sig=)([\w%+/-]{32,120}={0,2})"), 0.0),
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
        "authorization",
        re.compile(
            r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?i:basic|bearer)\s{1,4}"
            # a plain word says what is wrong
            r"(?!(?i:token|auth\w*)\b|[A-Z]?[a-z]{1,15}(?![\w~+/=-]|\.\w))"
            r"([\w.~+/-]{2,2000}={0,2})"
        ),
        0.0,
    ),
    (
        "cookie",
        re.compile(
            r"(?i:cookie)[\"']?[ ]?[:=][ ]?[\"']?"
            r"([\w.-]{1,80}=(?:[^\r\n\"'⟨⟩]|(?<==)\"[^\"\r\n]{0,200}\"){1,4000}+)"
        ),
        0.0,
    ),
    (
        "://",
        re.compile(
            r"://(?<=[A-Za-z0-9+.-]://)[^\s:/?#@\"'<>]{0,100}"
            # to the last @ of the word: it, / and ? may be a password's own
            r":(?!\d{1,5}[/?#])(?!\$(?:\{[^}\s]{1,80}\}|\(\w{1,80}\)|[A-Z_]\w{0,80})@)"
            r"((?:[^\s:\"'<>⟨⟩]|:(?!//)){1,500})@"
        ),
        0.0,
    ),
    # a token for a user; what may be a name is one
    (
        "://",
        re.compile(
            r"://(?<=[Hh][Tt][Tt][Pp]://|[Tt][Tt][Pp][Ss]://)(?=[^\s@/]{0,200}\d)"
            r"([\w.~%+=-]{12,200})@"
        ),
        0.0,
    ),
    # a program's user and group are numbers, and none
    (
        " -u",
        re.compile(
            r"[ ]-u[ ]?[\"']?(?!\d{1,10}:\d)[\w.@+-]{1,80}"
            r":((?!\$[{(A-Z])[^\s\"'⟨⟩]{4,120})"
        ),
        0.0,
    ),
    (
        "--user",
        re.compile(
            r"--user[ =][\"']?(?!\d{1,10}:\d)[\w.@+-]{1,80}"
            r":((?!\$[{(A-Z])[^\s\"'⟨⟩]{4,120})"
        ),
        0.0,
    ),
)
_IN_PROSE = "pass"
_QUOTED = r"'(?![$%{<])((?:[^'\n⟨⟩]|''(?=[\w!-])){1,400})'"
# Rules whose secret begins before its keyword.
_BEFORE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (":aa", re.compile(r"(?:\b|(?<=bot))(\d{8,10}:AA[\w-]{32,34})(?![\w-])")),
    # an option of a command line; prose about the option is none
    (
        "--",
        re.compile(
            r"--(?<![\w-]--)(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|passphrase|token|secret|api-?key"
            r"|(?:secret|access)-?key)"
            # behind a blank, or the next text of a list
            r"(?:[ ]|[\"']?,?\s{1,4}[ ]{0,160}(?:-[ ]{1,4}(?!-)|(?=[\"'])))"
            r"[\"']?(?![-$<{%*(⟨]|(?:string|PASSWORD|TOKEN|SECRET|KEY)(?:[\s\"']|\Z)"
            r"|id=|(?:is|was|has|must|can|cannot|should|flag|option"
            r"|a|an|the|of|by|as|on|so|are|it"
            r"|requires?|expired|or|and|not|in|from|to|for|with|argument|value|missing"
            r"|parameter|given|instead|if|when|will|needs?)\b)"
            r"((?<=[\"'])[^\n\"'⟨⟩]{1,400}(?=[\"'])|[^\s\"'⟨⟩]{1,400})"
        ),
    ),
    # SQL, and settings without a sign between
    (
        "password ",
        re.compile(
            r"(?i:\bpassword[ ](?:for[ ][^\s=]{1,160}[ ]?=[ ]?(?:password[ ]?\()?)?)"
            + _QUOTED
        ),
    ),
    (
        "identified",
        re.compile(
            r"(?i:\bidentified[ ]{1,4}(?:with[ ]{1,4}\S{1,60}[ ]{1,4})?"
            r"(?:by|as)[ ]{1,4})" + _QUOTED
        ),
    ),
    (
        "requirepass",
        re.compile(r"\brequirepass[ \t]{1,8}[\"']?([^\s\"'⟨⟩]{4,400})"),
    ),
    (
        "machine ",
        re.compile(
            r"\bmachine[ ]\S{1,100}\s{1,8}login[ ]\S{1,100}\s{1,8}password[ ]"
            r"([^\s\"'⟨⟩]{4,400})"
        ),
    ),
    (
        "sshpass -p",
        re.compile(r"\bsshpass[ ]-p[ ]?[\"']?(?![$<{%*])([^\s\"'⟨⟩]{3,400})"),
    ),
    # the password of MySQL's tools, in one word with its option
    (
        " -p",
        re.compile(
            r"\b(?:mysql|mariadb)[\w-]{0,20}+(?:[ ]+(?!-p)[^\s|;]{1,100}+){0,12}+[ ]+-p"
            r"(?![-$<{%*⟨\s])(\"[^\"\n⟨⟩]{1,400}\"|'[^'\n⟨⟩]{1,400}'|[^\s⟨⟩]{1,400})"
        ),
    ),
    (
        "docker login",
        re.compile(
            r"\bdocker[ ]login[ ](?:[^\s|;]{1,100}[ ]){0,6}?-p[ ]?[\"']?(?![$<{%*])"
            r"([^\s\"'⟨⟩]{3,400})"
        ),
    ),
    (
        "redis-cli -a",
        re.compile(r"\bredis-cli[ ]-a[ ]?[\"']?(?![$<{%*])([^\s\"'⟨⟩]{3,400})"),
    ),
    (
        _IN_PROSE,
        re.compile(
            r"(?i:\bpass(?:word|wort|code|phrase)[ ](?:is|was|ist|lautet)[ ]{1,3})"
            r"[\"']?((?=[^\s\d]{0,100}\d)(?=[^\sA-Za-z]{0,100}[A-Za-z])[^\s\"'⟨⟩]{6,100})"
        ),
    ),
    ("atlasv1", re.compile(r"\b(\w{14}\.atlasv1\.[\w-]{60,80})")),
)


# Parts of the keywords' words, for a prefilter.
KEYWORD_STEMS = (
    "slack", "discord", "accountkey", "sharedaccesskey", "sig", "bearer", "basic",
    "authorization", "cookie", "atlasv", "private", "mysql", "mariadb", "identified",
)  # fmt: skip
_WITHOUT_WORD = frozenset(
    {"://", " -u", "--user", ":aa", "--", "pass", "password ", "requirepass"}
    | {"machine ", "sshpass -p", "redis-cli -a", "docker login"}
)
_RULES_WITHOUT_WORD = tuple(rule for rule in _RULES if rule[0] in _WITHOUT_WORD)
_BEFORE_WITHOUT_WORD = tuple(rule for rule in _BEFORE if rule[0] in _WITHOUT_WORD)
_LETTERS = re.compile(r"[A-Za-z]+")
# The first signs of each word: what no mark begins with is not looked for.
_HEAD = re.compile(r"(\w\w.)(?:(?<=\w)\w*+)?")
_HEAD_LENGTH = 3
# In a longer text to look for each mark costs less.
_LONG = 2_000


@cache
def _tokens() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Give marks and patterns by the first signs of the mark."""
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for marks, pattern in _TOKENS:
        for mark in marks.split():
            rule = (mark, re.compile(rf"\b{pattern}"))
            found.setdefault(mark[:_HEAD_LENGTH], []).append(rule)
    return found


@cache
def _mark_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """Give the words that marks begin with, and the letters that begin a longer one."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for marks, _ in _TOKENS:
        for mark in marks.split():
            letters = _LETTERS.match(mark)[0]  # type: ignore[index]
            (beginnings if letters == mark else whole).add(letters.lower())
    return frozenset(whole), tuple(sorted(beginnings))


def is_mark_word(word: str) -> bool:
    """Tell a word in lower case, of letters alone, with which a mark may begin."""
    whole, beginnings = _mark_words()
    return word in whole or word.startswith(beginnings)


def has_bare_keyword(lowered: str) -> bool:
    """Tell a keyword that has no word of its own."""
    return (
        "://" in lowered
        or " -u" in lowered
        or ":aa" in lowered
        or "--" in lowered
        or "pass" in lowered
        or "redis-cli -a" in lowered
        or "docker login" in lowered
    )


def secrets(
    text: str, lowered: str, *, has_mark: bool = True, has_keyword: bool = True
) -> Iterator[tuple[int, int]]:
    """
    Give secrets, rule by rule; those of two rules may overlap.

    ``lowered`` is the text in lower case, for the prefilter alone. ``has_mark``: a word
    of the text may begin a mark; ``has_keyword``: one holds one of ``KEYWORD_STEMS``.
    """
    if has_keyword and "private key" in lowered:
        yield from _private_keys(text)
    if has_mark:
        yield from _marked(text)
    for keyword, pattern, least in _RULES if has_keyword else _RULES_WITHOUT_WORD:
        if keyword in lowered:
            hits = _hits(text, lowered, keyword, pattern)
            telling = (hit for hit in hits if not least or entropy(hit[1]) >= least)
            yield from _to_their_ends(text, (hit.span(1) for hit in telling))
    for keyword, pattern in _BEFORE if has_keyword else _BEFORE_WITHOUT_WORD:
        if keyword in lowered:
            yield from (
                hit.span(1)
                for hit in pattern.finditer(text)
                if keyword != _IN_PROSE or not is_no_password(hit[1])
            )


def _marked(text: str) -> Iterator[tuple[int, int]]:
    heads = _tokens().keys()
    for head in heads & set(_HEAD.findall(text)) if len(text) < _LONG else heads:
        for mark, pattern in _tokens()[head]:
            hits = _hits(text, text, mark, pattern)
            yield from _to_their_ends(text, (hit.span() for hit in hits))


def _to_their_ends(
    text: str, spans: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Let what is as long as a pattern reads go on to the end of its word."""
    reach = 0
    for start, end in spans:
        if start >= reach:
            is_cut = end - start >= _LONGEST_READ
            reach = _REST.match(text, end).end() if is_cut else end  # type: ignore[union-attr]
            yield start, reach


def _hits(
    text: str, searched: str, mark: str, pattern: re.Pattern[str]
) -> Iterator[re.Match[str]]:
    """Match where a mark stands, which is cheaper by far than to scan for a pattern."""
    if len(searched) != len(text):
        # a letter that is two in lower case: places differ
        yield from pattern.finditer(text)
        return
    place = searched.find(mark)
    while place != -1:
        hit = pattern.match(text, place)
        if hit is not None:
            yield hit
        place = searched.find(mark, place + 1 if hit is None else hit.end())


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
            prefixed = _PREFIXED.match(text, begin.end())
            end = max(end, prefixed.end() if prefixed is not None else end)
        else:
            ending = _END.match(text, closing)
            end = ending.end() if ending is not None else closing
        yield begin.start(), end
        begin = _BEGIN.search(text, end)
