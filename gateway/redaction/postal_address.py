# ruff: noqa: RUF001 - signs of other scripts
"""
Postal addresses: runs of segments between commas or line ends, and their evidence.

A text is cut into fields at quotes, ``key=``, brackets and whatever is taken already, a
field into segments. Neighbouring segments of name-like words are a run; a run is an
address when evidence says so: a country at an end, a postcode with its town, a street
word with a name, a house number, or a cue such as ``deliver to`` or a key before it. In
prose a run begins and ends where name-like words do. What this misses: a street and a
town without any of these, and prose that breaks an address up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.redaction.address_piece import (
    Piece,
    country_prefix,
    weigh_piece,
)
from gateway.redaction.country import first_words
from gateway.redaction.span import Taken
from gateway.redaction.street import (
    ASCII_ENDINGS,
    POSTCODE,
    STREET_ENDINGS_QUICK,
    is_name_like,
    is_street_word,
    street_words,
)

_FIELD = re.compile(r"[^\"“”„«»<>{}\[\]|;=\t⟨⟩\\]{4,}")
_BREAK = re.compile(r":[ ]|(?<=\w)\(|&(?=\w)|[ ]-{2,}[ ]|[ ]->[ ]|[!?][ ]|\n[ ]*\n")
_SEGMENT = re.compile(r"[^,\n،、，]+")
_MOST_WORDS = 12
_CUE_WINDOW = 72
_CUE_WORDS = (
    r"address(?:es|ed)?|addr|adress\w{0,3}|anschrift|direcci[oó]n|domicilio|endere[cç]o"
    r"|indirizzo|adres|adresa|osoite|c[ií]m|адрес\w{0,2}|διεύθυνση|住所|地址|주소|عنوان"
    r"|العنوان"
    r"|deliver(?:y|ed|ies|ing)?|ship(?:s|ped|ping|ment)?|dispatch\w{0,3}|courier\w{0,3}"
    r"|parcel|package|pick(?:ed)?[ -]?up|pickup|drop(?:ped)?[ -]?off|return(?:s|ed)? to"
    r"|bill(?:ed|ing)?(?: to)?|invoice(?:d)?|mail(?:ed|ing)?|send|sent|post(?:ed)?"
    r"|liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing|ence|ent)|mov(?:e|ed|ing)|relocat\w{1,4}"
    r"|located|location|situated|based|office|headquarter\w{0,2}|home|house|flat"
    r"|apartment|premises|property|venue|branch|store|shop|warehouse|visit(?:ed|ing)?"
    r"|geocod\w{1,5}|reverse-?geo\w{0,5}|place|destination|dest|origin|route[ds]? to"
    r"|dropped at"
    r"|wohn\w{1,4}|liefer\w{0,8}|versand\w{0,4}|livr\w{1,7}|habit\w{1,4}|entreg\w{1,4}"
    r"|envi\w{1,4}|viv[eo]\w{0,2}|consegn\w{1,4}|abit\w{1,4}|bezorg\w{0,4}|woon\w{0,3}"
    r"|street"
)
_CUE = re.compile(rf"(?i:(?<![^\W_])(?:{_CUE_WORDS})(?![^\W_]))")
# A cue's one word, or the first of its two.
_CUE_START = re.compile(
    rf"(?i:{_CUE_WORDS}|pick(?:ed)?|drop(?:ped)?|return(?:s|ed)?|route[ds]?|reverse)"
)
_INTRODUCTION = re.compile(
    rf"(?i:(?<![^\W_])(?:{_CUE_WORDS})(?![^\W_])[^,\n]{{0,40}}?"
    r"(?:\b(?:to|at|in|is|from|near|into|ist|nach|in der|an|es|en|à|au|est|a|is now"
    r"|was)\b"
    r"|[:=#])[ \"'(]*)"
)
_ENDS_SENTENCE = re.compile(r"[^\W\d_]{4,}(?<![sS]tr)[.!?]\Z|[)]\.\Z")
_ENDS_WITH_NUMBER = re.compile(r"\d[A-Z]{0,2}[.!?]\Z")
_CODE = re.compile(
    r"^(?!Mc|Mac|De|Di|La|Le|Du|Van|Fitz)\w*[a-z][A-Z]|[_{}\\$<>@*%]|\w\(|\)\w|::|//|\.\w+\.\w|[a-z][A-Z]{2}|^-\w"
)
_WORD = re.compile(r"\S+")
_BREAKS = ("،", "、", "，")
_SPLIT = re.compile(r"[\s,.()'’‘/:-]+")
# "Via Po 3" is as short as an address gets.
_SHORTEST = 8
_SEPARATOR = re.compile(r"[,\n،、，]")
_NUMBER = re.compile(r"\d+")
_HINT = re.compile(r"\d{2,}|\w \d")
# Whatever holds a postcode holds one of these.
_POSTCODE_HINT = re.compile(
    r"(?<![\w-])(?:\d{4,6}(?:[ ]+[^\W\d_a-z]|-\d{3}|-?(?![\w-])(?![ ]+\w))"
    r"|[A-Z]{1,3}[ -]?\d|\d\d-\d{3}|\d{3}[ -]\d\d)"
)
_INTRODUCED = re.compile(
    rf"(?i:(?<![^\W_])(?:{_CUE_WORDS})(?![^\W_])[^,\n]{{0,24}}?"
    r"(?:(?<!\w)(?:to|at|in|is|from|ist|nach|à|es|en|est|a)|[:=]|)[ \"'(]*\Z)"
)
_PREPOSITIONS = frozenset({"at", "to", "from", "near", "bei", "nach"})
_FARTHEST_PREPOSITION = 5


@dataclass(slots=True)
class _Run:
    """Neighbouring pieces; ``is_introduced`` by words such as ``deliver to``."""

    is_introduced: bool = False
    pieces: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece | None) -> None:
        if piece is not None:
            self.pieces.append(piece)


@dataclass(slots=True)
class _Cues:
    """
    The cues of a field; ``is_within`` is false if none of its words is one.

    ``is_before`` is false if none may stand before it.
    """

    text: str
    start: int
    is_within: bool
    is_before: bool
    _of_field: int = -1

    def before(self, place: int) -> int:
        """Weigh what stands before a run: 2 an introduction, 1 a cue, 0 none."""
        if self._of_field < 0:
            is_asked = self.is_before or _is_cut(self.text, self.start)
            self._of_field = _cue_before(self.text, self.start) if is_asked else 0
        if place == self.start or not self.is_within:
            return self._of_field
        return max(min(self._of_field, 1), _cue_before(self.text, place))

    def introduction(self, start: int, end: int) -> int | None:
        """Give where an introduction such as ``deliver to`` ends."""
        last = None
        if self.is_within:
            for hit in _INTRODUCTION.finditer(self.text, start, end):
                last = hit.end()
        return last


def hints_at_postcode(text: str) -> bool:
    return _POSTCODE_HINT.search(text) is not None


def has_break(text: str) -> bool:
    """Tell a text with a comma or a line end: most addresses have one."""
    if ", " in text or "\n" in text:
        return True
    return not text.isascii() and any(sign in text for sign in _BREAKS)


def postal_addresses(
    text: str, taken: Taken, zone: tuple[int, int], *, has_cue: bool = True
) -> Iterator[tuple[int, int]]:
    """
    Give free stretches within a zone, in order.

    ``has_cue``: some word of the text may begin a cue.
    """
    for whole in _FIELD.finditer(text, *zone):
        if not _is_list_or_number(text, *whole.span()):
            continue
        for first, last in taken.free_parts(*whole.span()):
            start = first
            for stop in _BREAK.finditer(text, first, last):
                end = stop.start()
                if text[end] == ":":
                    # the word before is a key; its line is none of the address
                    end = max(start, text.rfind("\n", start, end))
                yield from _in_field(text, start, end, has_cue=has_cue)
                start = stop.end()
            yield from _in_field(text, start, last, has_cue=has_cue)


def _is_list_or_number(text: str, start: int, end: int) -> bool:
    return (
        _SEPARATOR.search(text, start, end) is not None
        or _NUMBER.search(text, start, end) is not None
    )


def _in_field(
    text: str, start: int, end: int, *, has_cue: bool
) -> Iterator[tuple[int, int]]:
    if end - start < _SHORTEST:
        return
    if text[end : end + 1] == "=":
        end = max(start, text.rfind(" ", start, end))
    part = text[start:end]
    if not _is_list_or_number(text, start, end):
        return
    lowered = part.lower()
    tokens = set(_SPLIT.split(lowered))
    segments = [hit.span() for hit in _SEGMENT.finditer(text, start, end)]
    has_street = _has_street(lowered, tokens)
    if len(segments) == 1 and not has_street:
        return
    is_within = any(map(is_cue_word, tokens))
    cues = _Cues(text, start, is_within=is_within, is_before=has_cue)
    if not (
        has_street
        or hints_at_postcode(part)
        or not first_words().isdisjoint(tokens)
        or (cues.is_within and _HINT.search(part))
        or cues.before(start)
    ):
        return
    for run in _runs(text, segments, start, cues):
        if run.pieces and _is_address(run, cues):
            yield run.pieces[0].start, run.pieces[-1].end


def _runs(
    text: str, segments: list[tuple[int, int]], start: int, cues: "_Cues"
) -> Iterator[_Run]:
    """Join neighbouring name-like segments; what is not name-like ends a run."""
    run = _Run()
    # after a closing quote a blank or a comma stands
    is_value = text[start - 1 : start] in {'"', "="} and text[start] not in " ,"
    for place, (first, last) in enumerate(segments):
        after_line = "\n" in text[max(start, first - 1) : first]
        words = list(_WORD.finditer(text, first, last))
        if not words:
            continue
        if after_line and run.pieces and _ends_at_country(run, text, words):
            yield run
            run = _Run()
        introduced = cues.introduction(first, last)
        if introduced is not None:
            yield run
            run = _Run(is_introduced=True)
            words = [word for word in words if word.start() >= introduced]
        like = [is_name_like(word[0]) and not _CODE.search(word[0]) for word in words]
        if run.pieces or introduced is not None or (place == 0 and is_value):
            taken_in = _prefix(
                like,
                _sentence_end(words),
                tolerant=run.is_introduced or not run.pieces,
            )
            if run.pieces and False in like:
                taken_in = country_prefix(words) or taken_in
            run.add(weigh_piece(text, words[:taken_in], is_first=not run.pieces))
            if taken_in == len(words):
                continue
            yield run
            words, like = words[taken_in:], like[taken_in:]
        run = _Run()
        suffix = _after_preposition(words, _suffix(like))
        if suffix < len(words) and _sentence_end(words) is None:
            run.add(weigh_piece(text, words[suffix:], is_first=not run.pieces))
    yield run


def _is_address(run: _Run, cues: "_Cues") -> bool:
    """Judge by what the pieces hold together, and by what stands before them."""
    pieces = run.pieces
    street = any(piece.street for piece in pieces)
    coded = sum(piece.postcode or piece.broken_postcode for piece in pieces)
    # several numbers that might be postcodes are a list of something else
    is_town = coded < 3  # noqa: PLR2004
    broken = is_town and any(piece.broken_postcode for piece in pieces)
    is_list = len(pieces) > 1
    if is_list and (broken or _has_country_at_an_end(pieces)):
        return True
    number = any(piece.number and (street or piece.named) for piece in pieces)
    named = sum(piece.named for piece in pieces)
    postcode = coded > 0
    evidence = street + number + postcode + (named > 2)  # noqa: PLR2004
    is_place = street or (is_list and is_town and postcode)
    if is_place and evidence > (1 if is_list else 2):
        return True
    if not (is_list or street or broken):
        return False
    cue = 2 if run.is_introduced else cues.before(pieces[0].start)
    if is_list:
        is_name = not any(cues.text[piece.start].islower() for piece in pieces)
        return (cue > 0 and (street or postcode)) or (cue > 1 and is_name)
    has_name = not cues.text[pieces[0].start].islower()
    return (cue > 1 and has_name) or (cue > 0 and street and (number or postcode))


def _has_country_at_an_end(pieces: list[Piece]) -> bool:
    return (
        pieces[-1].country
        or pieces[0].country
        or (len(pieces) > 2 and any(piece.country for piece in pieces))  # noqa: PLR2004
    )


def _prefix(like: list[bool], stop: int | None, *, tolerant: bool) -> int:
    """Give how many words from the left belong to a run; ``tolerant`` of one other."""
    most = len(like) if stop is None else stop
    if tolerant and len(like) <= _MOST_WORDS and like[:most].count(False) < 2:  # noqa: PLR2004
        return most
    count = 0
    while count < min(most, _MOST_WORDS) and like[count]:
        count += 1
    return count


def _suffix(like: list[bool]) -> int:
    """Give where the name-like words at the right begin."""
    place = len(like)
    while place > 0 and like[place - 1] and len(like) - place < _MOST_WORDS:
        place -= 1
    return place


def _after_preposition(words: list[re.Match[str]], suffix: int) -> int:
    """Give where a place begins that a preposition names, a few words further left."""
    if suffix == len(words):
        return suffix
    for place in range(suffix - 1, max(-1, suffix - _FARTHEST_PREPOSITION), -1):
        if words[place][0] in _PREPOSITIONS:
            return place + 1 if is_name_like(words[place + 1][0]) else suffix
    return suffix


def _sentence_end(words: list[re.Match[str]]) -> int | None:
    """Give how many words stand before the end of a sentence within."""
    for place, word in enumerate(words[:-1]):
        following = words[place + 1][0]
        if _ENDS_SENTENCE.search(word[0]) and not is_street_word(word[0]):
            return place + 1
        if _ENDS_WITH_NUMBER.search(word[0]) and following[0].isupper():
            return place + 1
    return None


def _cue_before(text: str, start: int) -> int:
    """Weigh what stands before, in the line: 2 an introduction, 1 a cue, 0 none."""
    line = text.rfind("\n", max(0, start - _CUE_WINDOW), start) + 1
    before = text[max(line, start - _CUE_WINDOW) : start]
    if not before or _CUE.search(before) is None:
        return 0
    return 2 if _INTRODUCED.search(before) else 1


def _is_cut(text: str, start: int) -> bool:
    """Tell a window that begins within a word: its end may be a cue."""
    first = start - _CUE_WINDOW
    return first > 0 and text[first - 1].isalnum() and text[first].isalnum()


def _ends_at_country(run: _Run, text: str, words: list[re.Match[str]]) -> bool:
    """Tell a run that has its country, and goes on with nothing of an address."""
    if len(run.pieces) < 2 or not run.pieces[-1].country:  # noqa: PLR2004
        return False
    following = text[words[0].start() : words[-1].end()]
    return not (country_prefix(words) or POSTCODE.fullmatch(following))


def _has_street(lowered: str, tokens: set[str]) -> bool:
    if not street_words().isdisjoint(tokens):
        return True
    endings = ASCII_ENDINGS if lowered.isascii() else STREET_ENDINGS_QUICK
    for ending in endings:  # noqa: SIM110 - a generator costs as much again
        if ending in lowered:
            return True
    return False


@lru_cache(maxsize=16_384)
def is_cue_word(token: str) -> bool:
    """Tell a word that is a cue, or begins one of two words."""
    return _CUE_START.fullmatch(token) is not None


def may_begin_cue(word: str) -> bool:
    """Tell letters that are a cue, or one with whatever follows them."""
    return is_cue_word(word) or is_cue_word(f"{word}x")
