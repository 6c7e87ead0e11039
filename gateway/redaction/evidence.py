"""
What stands where a secret may, and is evidence by its form, or words.

Under ``session`` and ``sid``, and behind ``password was``, stand instants, traces and
the names of things as often as secrets.
"""

import re

_DIGEST = "[0-9a-f]{32,128}"
_UUID = re.compile(r"(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_EVIDENCE = re.compile(
    # an instant, a traceparent, an ARN, a digest that says so
    r"\d{4}-\d\d-\d\d(?:[T_][\d:.,]{2,18}(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{8}T\d{4,6}Z?"
    r"|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
    r"|arn:[a-z-]{3,12}:[\w-]{1,40}:[\w-]{0,30}:\d{0,12}:\S{1,300}"
    rf"|(?:[\w./-]{{1,200}}@)?sha\d{{1,3}}[:-]{_DIGEST}"
    # a version, the pod of a ReplicaSet
    r"|v?\d{1,9}(?:\.\d{1,9}){1,3}(?:[-+][0-9A-Za-z.+-]{1,60})?"
    r"|[a-z0-9][a-z0-9-]{0,60}-[a-f0-9]{6,10}-[a-z0-9]{5}"
    # Splunk's search ids
    r"|[\w.~-]{0,300}_at_1\d{9}_\d{1,9}(?:[_.][\w.-]{1,80})?"
    r"|(?:[a-zA-Z]\w{0,80}_)?1\d{9}\.\d{1,9}(?:_[0-9A-F-]{36})?"
)
_DIGESTS = re.compile(rf"(?i:{_DIGEST})")
_JOINED = re.compile(r"(?:[a-z]+|\d+)(?:[_+](?:[a-z]+|\d+))+")
_STOP = ".,;:!?)"

_PIECE = re.compile(r"[A-Za-z0-9]{10,4000}")
_RUN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Words are longer than what chance puts beside each other.
_LONGEST_MEAN = 4


def is_evidence(value: str) -> bool:
    """Tell an instant, a traceparent, an ARN, a version, a pod, a search's id."""
    return _EVIDENCE.fullmatch(value) is not None


def is_uuid(value: str) -> bool:
    """Tell a UUID, which is an id, or a token that was made as one."""
    return _UUID.fullmatch(value) is not None


def is_no_password(value: str) -> bool:
    """Tell what prose says of a password and is none: evidence, ``at_least_8``."""
    bare = value.rstrip(_STOP)
    return (
        is_evidence(bare)
        or is_uuid(bare)
        or _DIGESTS.fullmatch(bare) is not None
        or _JOINED.fullmatch(bare) is not None
    )


def looks_random(value: str) -> bool:
    """Tell letters and digits mixed as no words and numbers are."""
    if is_uuid(value):
        return True
    return any(_is_mixed(piece) for piece in _PIECE.findall(value))


def _is_mixed(piece: str) -> bool:
    if piece.isalpha() or piece.isdecimal():
        return False
    return len(piece) < _LONGEST_MEAN * len(_RUN.findall(piece))
