"""
National ids: those with a check digit and a form of their own, the others with a cue.

A form that ids of software share (eleven digits, nine digits) needs the id's name near,
and its check digit where it has one.
"""

import re
from collections.abc import Callable, Iterator

from gateway.redaction.checksum import (
    is_bsn,
    is_codice_fiscale,
    is_cpf,
    is_dni,
    is_mod_97,
    is_nir,
    is_personnummer,
    is_pesel,
    is_verhoeff,
)
from gateway.redaction.span import Taken

_CUE_WINDOW = 48
# An IBAN has at most 34 signs, and 8 blanks.
_LONGEST = 48
_SEPARATORS = re.compile(r"[ .\-+/]")


# A form, the word that must stand before unless the form is its own, the check digit's
# function.
_Rule = tuple[re.Pattern[str], re.Pattern[str] | None, Callable[[str], bool] | None]
_RULES: tuple[_Rule, ...] = (
    (
        re.compile(
            r"(?<!\w)[A-Z]{2}\d\d(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b"
        ),
        None,
        is_mod_97,
    ),
    (re.compile(r"(?<![\w.-])(?:\d{8}|[XYZ]-?\d{7})-?[A-Z](?![\w-])"), None, is_dni),
    (re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w.-])"), None, is_cpf),
    (
        re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPR-T]\d\d[A-Z]\d{3}[A-Z](?!\w)"),
        re.compile(r"(?i:codice.fiscale|cod\.?.?fisc\w{0,4})"),
        is_codice_fiscale,
    ),
    (
        re.compile(
            r"(?<![\w.-])[12][ ]?\d\d[ ]?(?:0[1-9]"
            r"|1[0-2])[ ]?\d\d[ ]?\d{3}[ ]?\d{3}[ ]?\d\d"
            r"(?![\w.-])"
        ),
        re.compile(r"(?i:s[eé]cu|nir|insee|ssn)"),
        is_nir,
    ),
    (
        re.compile(
            r"(?<![\w.-])(?!000|666|9)\d{3}([ -]?)(?!00)\d\d\1(?!0000)\d{4}(?![\w-])"
        ),
        re.compile(r"(?i:ssn|social.security|itin)"),
        None,
    ),
    (
        re.compile(
            r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
            r"[ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D]\b"
        ),
        re.compile(r"(?i:nino|national.insurance)"),
        None,
    ),
    (
        re.compile(r"(?<![\w.-])\d{9}(?![\w.-])"),
        re.compile(r"(?i:bsn|burgerservice\w{0,8}|sofi.?nummer)"),
        is_bsn,
    ),
    (
        re.compile(r"(?<![\w.-])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\w-])"),
        re.compile(r"(?i:aadh?aar|uid(?:ai)?|आधार)"),
        is_verhoeff,
    ),
    (
        re.compile(r"(?<![\w.-])\d{11}(?![\w.-])"),
        re.compile(r"(?i:cpf|contribuinte)"),
        is_cpf,
    ),
    (
        re.compile(r"(?<![\w.-])\d{11}(?![\w.-])"),
        re.compile(r"(?i:pesel)"),
        is_pesel,
    ),
    # As people type one; in upper case it needs no cue.
    (
        re.compile(
            r"(?i:(?<!\w)[A-Z]{2}\d\d(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b)"
        ),
        re.compile(r"(?i:iban)"),
        is_mod_97,
    ),
    (
        re.compile(r"(?<![\w.-])(?:19|20)?\d{6}[-+]?\d{4}(?![\w.-])"),
        re.compile(r"(?i:person.?(?:nummer|nr)|samordningsnummer)"),
        is_personnummer,
    ),
    (
        re.compile(r"(?<!\w)(?=[A-Z0-9]{0,8}\d)[A-Z0-9]{6,9}(?!\w)"),
        re.compile(r"(?i:passport|reisepass|passeport|pasaporte|passaporto)"),
        None,
    ),
    (
        re.compile(r"(?<![\w.-])\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}(?![\w.-])"),
        re.compile(r"(?i:steuer.?id\w{0,20}|identifikationsnummer|idnr|steuernummer)"),
        None,
    ),
)
# A part of each cue, in lower case, for a prefilter.
CUE_STEMS = (
    "iban", "ssn", "social", "secu", "sécu", "insee", "nir", "itin", "nino", "national",
    "bsn", "burgerserv", "sofi", "aadh", "uid", "आधार", "cpf", "contribuinte", "pesel",
    "person", "samord", "passport", "passeport", "passaporto", "pasaporte", "idnr",
    "reisepass", "steuer", "identifikations", "fiscal",
)  # fmt: skip
_ANY_CUE = re.compile(
    r"(?i:\b(?:iban|ssn|social.security|itin|nir|insee|s[eé]cu|nino|national.insurance"
    r"|n\.i\.|bsn"
    r"|burgerservice\w{0,8}|sofi.?nummer|aadh?aar|uid(?:ai)?|cpf|contribuinte|pesel"
    r"|person.?(?:nummer|nr)|samordningsnummer|passport|reisepass|passeport|pasaporte"
    r"|passaporto|steuer.?id\w{0,20}|steuernummer|identifikationsnummer|idnr"
    r"|codice.fiscale|cod\.?.?fisc\w{0,4})|आधार)"
)
# Told by a letter or a dot within, as there are fewer of them than digits; what is
# before is asked last, as that costs most.
_OWN_LETTERS = re.compile(
    r"[A-Z](?:\d(?:\d(?<=\b[A-Z]...)[ ]?[A-Z0-9]{4}|\d{6}(?<=\b[XYZ].......))"
    r"|-\d{7}(?<=\b[XYZ]-.......)"
    r"|(?<=[\d-].)(?!\w)(?:(?<=\b\d{8}.)|(?<=\b\d{8}-.)))"
)
_OWN_DOTS = re.compile(r"\.(?<=\b\d{3}\.)\d{3}\.\d{3}-")


def has_own_form(text: str) -> bool:
    """Tell a text that may hold an id which needs no cue."""
    return _OWN_LETTERS.search(text) is not None or _OWN_DOTS.search(text) is not None


def national_ids(
    text: str, taken: Taken, *, has_cue: bool
) -> Iterator[tuple[int, int]]:
    """
    Give ids that are free; two rules may give the same one.

    ``has_cue``: one of ``CUE_STEMS`` is somewhere in the text.
    """
    if has_own_form(text):
        for rule in _RULES:
            if rule[1] is None:
                yield from _checked(rule, text, taken, 0, len(text))
    if not has_cue:
        return
    for word in _ANY_CUE.finditer(text):
        start = word.end()
        for rule in _RULES:
            if rule[1] is not None and rule[1].fullmatch(word[0]):
                yield from _checked(rule, text, taken, start, start + _CUE_WINDOW)


def _checked(
    rule: _Rule, text: str, taken: Taken, start: int, end: int
) -> Iterator[tuple[int, int]]:
    form, _, check = rule
    beyond = end + _LONGEST
    hit = form.search(text, start, beyond)
    while hit is not None and hit.start() < end:
        number = _longest(hit[0], form, check)
        first, last = hit.start(), hit.start() + len(number)
        if number and taken.is_free(first, last):
            yield first, last
        hit = form.search(text, last if number else hit.end(), beyond)


def _longest(
    number: str, form: re.Pattern[str], check: Callable[[str], bool] | None
) -> str:
    """Leave out groups at the end, which may be another word, until the check holds."""
    while number and form.fullmatch(number) is not None:
        if check is None or check(_SEPARATORS.sub("", number)):
            return number
        number = number.rpartition(" ")[0]
    return ""
