"""
Say what a field of JSON is called, from the object's own key and the field's.

In ``{"phone": {"value": …}}``, ``{"address": {"line1": …}}`` and
``{"customer": {"name": …}}`` the inner name says too little by itself, and in
``{"name": "DB_PASSWORD", "value": …}`` the field beside it says more.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from gateway.redaction.keys import is_form, kind_of_key, may_name_host
from gateway.redaction.span import Kind

# What nested fields are called here; each is a key of its class in ``keys``.
PERSONS_NAME = "person_name"
ADDRESS_LINE = "address_line"
ADDRESS_REGION = "region_address_line"
# ``svc-deploy``, ``system:node``: users that are programs.
MACHINES_NAME = re.compile(r"[a-z0-9.]+(?:[-_:/]+[a-z0-9.]+)+")
# A host's address has a state and a region too.
NO_REGION = re.compile(
    r"(?i:up|down|(?:in)?active|(?:un)?healthy|enabled|disabled|ok|ready|pending|open"
    r"|closed|reachable|[a-z]{2,12}-[a-z]{3,12}-?\d[a-z]?)"
)
_LINE = re.compile(
    r"(?i:(?:address|street)?[_-]?line[_-]?\d?|(?:address|street)[_-]?\d?"
    r"|(?:house|building|flat|apartment|unit|street)[_-]?(?:number|no|name)"
    r"|apartment|town|city|suburb|district|county|post_?code|postal_?code|zip(?:_?code)?"
    r"|po_?box)"
)
_REGION = re.compile(r"(?i:state|region|province)(?:_?(?:code|name))?")
_SENT_TO = re.compile(r"(?i:shipping|billing|delivery)")
_PERSON = re.compile(
    r"(?i:(?:[a-z0-9]+[_-])*(?:customer|user|requester|contact|recipient|reporter"
    r"|assignee|employee|patient|guest|passenger|buyer|subscriber|cardholder|shopper"
    r"|beneficiary|person|people|(?:ticket|case|conversation)_owner)s?"
    r"|shipping|billing|delivery)"
)
_PERSONS_PART = re.compile(
    r"(?i:(?:(?:first|last|full|given|family|middle)[_-]?)?name|first|last|given|family"
    r"|middle)"
)
_TICKET = re.compile(r"(?i:(?:[a-z0-9]+[_-])*(ticket|case|conversation)s?)")
_SESSION = re.compile(r"(?i:(?:[a-z0-9]+[_-])*sessions?)")
# An object or a list, and its key, in JSON within a string too.
_OPENS = re.compile(r"(?<![\w-])([\w-]{1,80})\\{0,7}\"\s{0,3}:\s{0,3}[{\[]", re.ASCII)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


# As of a container's environment; what stands first tells.
NAMES_A_VALUE = ("name", "key", "Name", "Key")
# What each field of a Kubernetes Secret's ``data`` is called here.
SECRETS_FIELD = "kubernetes_secret"
_DATA = frozenset({"data", "stringData"})
_SECRET_OBJECT = re.compile(r"\"kind\"\s{0,3}:\s{0,3}\"Secret\"")
_VALUES = frozenset({"value", "Value"})


def field_key(parent: str, name: str, fields: Mapping[str, object]) -> str:
    """
    Give the key that a field of the object under ``parent`` stands for.

    ``fields`` are the object's, or those before it that are in ``NAMES_A_VALUE``.
    """
    if parent == SECRETS_FIELD or (name in _DATA and fields.get("kind") == "Secret"):
        return SECRETS_FIELD
    if name in _VALUES:
        for one in NAMES_A_VALUE:
            named = fields.get(one)
            if isinstance(named, str) and kind_of_key(named) is not None:
                return named
    return child_key(parent, name)


def field_key_in(text: str) -> "Callable[[str, str, Mapping[str, object]], str]":
    """
    Give ``field_key`` for the JSON in a text.

    What kind an object is of may stand behind its ``data``.
    """
    return _secrets_field_key if _SECRET_OBJECT.search(text) else field_key


def _secrets_field_key(parent: str, name: str, fields: Mapping[str, object]) -> str:
    return SECRETS_FIELD if name in _DATA else field_key(parent, name, fields)


def may_nest_people(text: str) -> bool:
    """Tell an object of a text's JSON whose fields are a person's, or sent to one."""
    return any(map(_is_of_people, _OPENS.findall(text)))


@lru_cache(maxsize=4096)
def _is_of_people(key: str) -> bool:
    snake = _snake(key)
    return (_PERSON.fullmatch(snake) or _TICKET.fullmatch(snake)) is not None


@lru_cache(maxsize=4096)
def child_key(parent: str, name: str) -> str:
    """Give the key that a field of the object under ``parent`` stands for."""
    if not parent:
        return name
    if is_form(name):
        return parent
    if name.lower() == "id" and _SESSION.fullmatch(_snake(parent)) is not None:
        return "session_id"
    return _of_address(parent, name) or _of_person(parent, name) or name


def _of_address(parent: str, name: str) -> str | None:
    is_address = kind_of_key(parent) is Kind.ADDRESS
    if name.lower() == "address" and may_name_host(parent):
        # ``{"addresses": [{"address": …}]}``, of a node or of a person
        return name
    if (is_address or _SENT_TO.fullmatch(parent)) and _LINE.fullmatch(_snake(name)):
        return ADDRESS_LINE
    return ADDRESS_REGION if is_address and _REGION.fullmatch(_snake(name)) else None


def _of_person(parent: str, name: str) -> str | None:
    owned = _TICKET.fullmatch(_snake(parent))
    if owned is not None and name.lower() == "owner":
        return f"{owned[1].lower()}_owner"
    has_name = parent in {PERSONS_NAME, "name"} and name.lower() != "name"
    if not has_name and _PERSON.fullmatch(_snake(parent)) is None:
        return None
    return PERSONS_NAME if _PERSONS_PART.fullmatch(_snake(name)) else None


def _snake(name: str) -> str:
    return _HUMP.sub("_", name[:80])
