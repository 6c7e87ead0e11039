"""
Days of birth in prose: a date beside the words that say whose it is.

A date alone is evidence, and so is one with a clock behind it: a process is born, too.
"""

import re
from collections.abc import Iterator

_WORDS = frozenset({"born", "dob", "nato", "nata", "né", "née"})
_STEMS = re.compile("birth|gebor|geburt|naissance|nacid|nacim|nascid|nascim|nascit")
_CUE = (
    r"(?:(?:date|day)[ ]of[ ]birth|birth[ ]?(?:date|day)|dob|born"
    r"|geboren|geburts(?:datum|tag)|date[ ]de[ ]naissance|née?"
    r"|fecha[ ]de[ ]nacimiento|nacid[oa]|data[ ]de[ ]nascimento|nascid[oa]"
    r"|data[ ]di[ ]nascita|nat[oa])"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    r"|mär|mai|okt|dez|janv|févr?|avr|juin|juil|août|déc|ene|abr|ago|dic|fev|set|out"
    r"|gen|mag|giu|lug|ott)\w{0,8}\.?"
)
_DAY, _YEAR = r"(?:[0-2]?\d|3[01])", r"(?:19|20)\d\d"
_DATE = (
    rf"(?:{_YEAR}(?P<iso>[-/.])\d\d?(?P=iso)\d\d?"
    rf"|{_DAY}(?P<sep>[-/.])\d\d?(?P=sep)(?:{_YEAR}|\d\d)"
    rf"|{_DAY}(?:st|nd|rd|th|\.)?[ ](?:of[ ]|de[ ])?{_MONTH},?[ ](?:de[ ])?{_YEAR}"
    rf"|{_MONTH}[ ]{_DAY}(?:st|nd|rd|th)?,?[ ]{_YEAR})"
)
_BORN = re.compile(
    rf"\b{_CUE}[ ]{{0,2}}(?:[:=(]|is\b|was\b|on\b|am\b|le\b|el\b|il\b|em\b|ist\b)?"
    rf"[ ]{{0,2}}({_DATE})(?![\w/.-]?\d)(?![T ]{{1,2}}\d\d?:\d\d)",
    re.IGNORECASE,
)


def may_tell_birth(word: str) -> bool:
    """Tell a word in lower case that a cue holds."""
    return word in _WORDS or _STEMS.search(word) is not None


def birth_dates(text: str) -> Iterator[tuple[int, int]]:
    """Give each date that its words call one of birth."""
    return (hit.span(1) for hit in _BORN.finditer(text))
