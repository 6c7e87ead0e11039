"""
Ids of one word that a letter begins: IBANs, and Spain's numbers of foreigners.

An IBAN is a country, as many signs as it has there, and a check by 97 (ISO 13616).
Germany's or Belgium's may be all of hexadecimal digits, and is no digest.
"""

import re
from collections.abc import Iterator
from functools import cache

from gateway.redaction.checksum import is_dni, is_mod_97

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24"
    " DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27"
    " GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20"
    " LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24"
    " PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25"
    " SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
# What is before is asked last, as that costs most.
_IBAN = re.compile(r"[A-Z]{2}\d\d(?<=\b....)[A-Z0-9]{11,29}\b(?!-)", re.ASCII)
# As people type one: its name tells it from a digest.
_NAMED = re.compile(
    r"\b(?:iban|IBAN)\b\W{1,4}(?:is )?([a-z]{2}\d\d[a-z0-9]{11,29})\b(?!-)", re.ASCII
)
_NIE = re.compile(r"[XYZ]-?\d{7}-?[A-Z]\b(?!-|\.\w)", re.ASCII)
_MAY_BE = re.compile(r"[A-Z](?:[A-Z]\d\d[A-Z\d]|-?\d{7})")
_WITHIN = re.compile(r"[\w.-]", re.ASCII)


def one_word_ids(text: str) -> Iterator[tuple[int, int]]:
    """Give each of which the check holds."""
    for hit in _NAMED.finditer(text) if "iban" in text or "IBAN" in text else ():
        if is_mod_97(hit[1]):
            yield hit.span(1)
    if _MAY_BE.search(text) is None:
        return
    for hit in _IBAN.finditer(text):
        if len(hit[0]) == _lengths().get(hit[0][:2]) and is_mod_97(hit[0]):
            yield hit.span()
    for hit in _NIE.finditer(text):
        is_within = _WITHIN.fullmatch(text[max(0, hit.start() - 1) : hit.start()])
        if not is_within and is_dni(hit[0].replace("-", "")):
            yield hit.span()


@cache
def _lengths() -> dict[str, int]:
    return {one[:2]: int(one[2:]) for one in _LENGTHS.split()}
