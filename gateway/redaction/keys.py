"""
Say of what class a key's value is: ``customerEmail``, ``ship-to.street_2``.

A key is split into words (camelCase, kebab, snake, dots, plurals); its last words
decide, so that ``email_template`` names no address and ``next_page_token`` no secret.
"""

import re
from functools import cache, lru_cache

from gateway.redaction.span import Kind, Policy

# What says nothing behind a key's last word; see ``_LONE_FORM``.
_FORMS_BEHIND = (
    r"(?:values?|texts?|raw|display|formatted|full|primary|secondary|main|default|new|old"
    r"|current|home|work|office|other|plain|masked|e164|local|str|string|no|nr|nums?"
    r"|numbers?|fields?|inputs?)*"
)
# For a prefilter: words in lower case of which a telling key has one, or is one.
PART_OF_KEY = re.compile(
    r"mail|phone|telefon|mobil|msisdn|whatsapp|rufnummer|landline|addr|adress|street|birth"
    r"|postc|postal|zipcode|passw|passphrase|passcode|pwd|secret|token|authorization"
    r"|cookie|credential|cvv|cvc|jwt|bearer|card|holder|ssn|national|passport|aadhaar|iban"
    r"|personn|pesel|curp|direccion|endereco|housenumber|steuer|codicefiscale|whats"
    r"|ccnumber|social|jsessionid|phpsessid|contraseña|пароль|密码|geburt|prénom|姓名"
    r"|straße|strasse|电话"
    r"|(?:api|secret|access|private|signing|encryption|master|vault|fernet|hmac|webhook"
    r"|shared|ssh|account|storage|subscription|license)key"
    r"|^(?!(?:host|file|user|name|service|pod|container|node|table|class|path|domain|server"
    r"|alert|job|app|db|image|cluster|field|column|package|event|metric|queue|topic)name)"
    rf"[a-z]*names?{_FORMS_BEHIND}$"
    r"|^(?:keys?|tax|post|zip|e)$"
    # humps are gone in lower case: ``userDob``, ``telNo``
    r"|(?:tel|fax|cell|gsm|handy|handie|(?<![sj])pan|dni|nie|nif|cpf|cnpj|bsn|nino|otp|dob"
    r"|taxid|nric|pass|pw|senha|nombre|имя|session|sessionid|sid|csrf|xsrf)"
    rf"(?:e?s)?{_FORMS_BEHIND}$"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
# Other letters than ASCII's have no humps that we know.
_FOREIGN_WORD = re.compile(r"[^\W\d_]+|\d+")
_LONGEST_KEY = 80
# A key that was a value says no more than it did.
_PLACEHOLDER = re.compile(r"⟨[a-z_]{1,20}(?::[\w-]{1,13})?⟩")
_MADE_OF_TWO = {
    ("e", "mail"): "email",
    ("cell", "phone"): "phone",
    ("mobile", "phone"): "phone",
    ("what", "app"): "phone",
    ("pass", "word"): "password",
    ("pass", "phrase"): "passphrase",
    ("api", "key"): "apikey",
    ("post", "code"): "postcode",
    ("zip", "code"): "postcode",
    ("postal", "code"): "postcode",
    ("birth", "date"): "dob",
    ("birth", "day"): "dob",
    ("of", "birth"): "dob",
    ("user", "name"): "username",
    ("social", "security"): "ssn",
    ("tax", "id"): "taxid",
    ("national", "id"): "nationalid",
    ("identity", "card"): "nationalid",
    ("credit", "card"): "card",
    ("debit", "card"): "card",
    ("card", "holder"): "cardholder",
    ("set", "cookie"): "cookie",
    ("key", "base"): "keybase",
    ("session", "id"): "idofsession",
}
_LAST_WORD = {
    Kind.EMAIL: "email mail emailaddress mailbox",
    Kind.PHONE: (
        "phone telephone tel mobile cell cellphone msisdn fax whatsapp landline"
        " phonenumber telefon telefono telefone handy rufnummer mobilephone gsm 电话"
    ),
    Kind.ADDRESS: (
        "street postcode zipcode streetname housenumber addressline straße strasse"
    ),
    Kind.SECRET: (
        "password passwd pwd pw passphrase secret apikey authorization cookie"
        " credential passcode otp cvv cvc cvv2 privatekey secretkey accesskey pass"
        " jsessionid phpsessid passwort contraseña senha пароль 密码 csrftoken"
        " xsrftoken csrfmiddlewaretoken authtoken accesstoken refreshtoken idtoken"
        " apitoken sessiontoken session sessionid idofsession sid csrf xsrf"
    ),
    Kind.BIRTH: "dob birthdate birthday dateofbirth geburtsdatum",
    Kind.CARD: "pan card cardnumber ccnumber creditcard",
    Kind.NATIONAL_ID: (
        "ssn nationalid taxid passport nino dni nie nif cpf cnpj bsn aadhaar iban"
        " personnummer pesel curp nric steuerid codicefiscale"
    ),
    Kind.NAME: (
        "surname firstname lastname fullname cardholder maidenname vorname nachname"
        " prénom nombre имя 姓名"
    ),
}
# ``name`` alone names services and pods; these before it make it a person's.
_PERSONS = re.compile(
    r"first|last|person|full|given|family|middle|maiden|requester|author|recipient|customer"
    r"|contact|holder|patient|sender|subscriber|beneficiary|reporter|assignee"
    r"|employee|passenger|guest|buyer|shopper"
)
_OF_HOSTS = re.compile(
    r"ip|mac|remote|client|server|host|peer|bind|listen|listening|socket|wallet"
    r"|contract"
    r"|broker|node|pod|cluster|https?|base|web|mem|memory|tcp|udp|grpc|bootstrap|hw"
    r"|from"
    r"|advertised|hardware|local|bus|proxy|upstream|target|source|dest|destination|by"
    r"|network|net|dns|gateway|endpoint|service|virtual|physical|eth|btc"
)
_OF_PEOPLE = re.compile(
    r"home|postal|shipping|ship|billing|delivery|mailing|residential|street|invoice"
    r"|recipient|permanent|birth|living|work|pickup|legal"
)
_TOKENS_OF_NO_USE = re.compile(
    r"page|next|continue|continuation|max|min|total|prompt|completion|input|output|used"
    r"|cached|count|per|budget|limit|type|cancellation|sync|resume|reasoning|context"
    r"|cursor"
)
# Keys of secrets that name other things as often: their values have to look like one.
_FAINT = re.compile(r"session|sessionid|idofsession|sid|csrf|xsrf")
# pgpassword, smtppasswd
_ENDINGS_OF_SECRETS = ("password", "passwd", "passphrase")
_SECRET_KEYS = re.compile(
    r"private|secret|access|signing|encryption|master|vault|fernet|hmac|webhook|shared"
    r"|ssh|account|subscription|license"
)
_ADDRESS = re.compile(r"addr|address|adress|adresse|direccion|endereco")
_LONE_FORM = re.compile(
    r"values?|texts?|raw|display|formatted|normali[sz]ed|full|primary|secondary|main"
    r"|default|verified|confirmed|new|old|current|previous|home|work|office|private"
    r"|business|other|alternat(?:e|ive)|backup|plain|masked|e164|international|national"
    r"|local|str|string|no|nr|num|numbers?|fields?|input|\d"
)


@lru_cache(maxsize=4096)
def kind_of_key(key: str) -> Kind | None:
    """Give the class that a key names, if any."""
    words = _significant(key)
    if not words:
        return None
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if _ADDRESS.fullmatch(last):
        return _kind_of_address(before)
    if last == "line" and before in {"address", "addr", "street"}:
        return Kind.ADDRESS
    if last == "name":
        is_persons = _PERSONS.fullmatch(before) or words == ["display", "name"]
        return Kind.NAME if is_persons else None
    return _kind_of_secret(last, before) or _kinds().get(last)


def kind_under(key: str, policy: Policy) -> Kind | None:
    """Give the class that a key names, those that policy asks for among them."""
    kind = kind_of_key(key)
    if kind is None and policy.redact_ip and is_host_key(key):
        return Kind.IP
    if kind is None and policy.redact_user_id and is_user_key(key):
        return Kind.USER_ID
    return kind


@lru_cache(maxsize=4096)
def is_host_key(key: str) -> bool:
    """Tell ``client_ip``, ``ipAddress``: keys of IP addresses."""
    words = [word.lower() for word in _WORD.findall(key[:_LONGEST_KEY])]
    return "ip" in words or "ipv4" in words or "ipv6" in words


@lru_cache(maxsize=4096)
def is_user_key(key: str) -> bool:
    """Tell ``user_id``, ``customerId``: keys of the ids of people."""
    words = [word.lower() for word in _WORD.findall(key[:_LONGEST_KEY])]
    return words[-1:] == ["uid"] or (
        words[-1:] in (["id"], ["ids"])
        and words[-2:-1]
        in (["user"], ["customer"], ["account"], ["member"], ["player"])
    )


@lru_cache(maxsize=4096)
def is_display_name(key: str) -> bool:
    """Tell the name that a person shows; dashboards and metrics show one as well."""
    return _significant(key) == ["display", "name"]


@lru_cache(maxsize=4096)
def may_name_host(key: str) -> bool:
    """Tell ``address`` and ``addr``, which name hosts as often as homes."""
    words = _significant(key)
    if not words or _ADDRESS.fullmatch(words[-1]) is None:
        return False
    return len(words) == 1 or _OF_PEOPLE.fullmatch(words[-2]) is None


@lru_cache(maxsize=4096)
def is_faint(key: str) -> bool:
    """Tell ``session``, ``sid``, ``csrf``, under which a secret is one by its form."""
    words = _significant(key)
    return words != [] and _FAINT.fullmatch(words[-1]) is not None


@lru_cache(maxsize=4096)
def is_session_id(key: str) -> bool:
    """Tell ``session_id``: of a cookie as well as of what an identity system lists."""
    return _significant(key)[-1:] == ["idofsession"]


@lru_cache(maxsize=4096)
def is_form(key: str) -> bool:
    """Tell a key that says nothing of its own: ``value``, ``text``, ``0``."""
    words = [word.lower() for word in _WORD.findall(key[:_LONGEST_KEY])]
    return all(map(_LONE_FORM.fullmatch, words))


def telling_words() -> frozenset[str]:
    """Give the words that tell as a key's last one."""
    return frozenset(_kinds())


@cache
def _kinds() -> dict[str, Kind]:
    return {word: kind for kind, words in _LAST_WORD.items() for word in words.split()}


def _kind_of_address(before: str) -> Kind | None:
    if before == "email":
        return Kind.EMAIL
    return None if _OF_HOSTS.fullmatch(before) else Kind.ADDRESS


def _kind_of_secret(last: str, before: str) -> Kind | None:
    if last in {"token", "bearer", "jwt"}:
        return None if _TOKENS_OF_NO_USE.fullmatch(before) else Kind.SECRET
    if last.endswith(_ENDINGS_OF_SECRETS) or (last, before) == ("keybase", "secret"):
        return Kind.SECRET
    if last == "key":
        return Kind.SECRET if _SECRET_KEYS.fullmatch(before) else None
    return None


def _significant(key: str) -> list[str]:
    """Give the words in lower case and in the singular, forms at the end left out."""
    if '"' in key:
        # JSON within a key: it names nothing, whatever is taken out of it
        return []
    said = _PLACEHOLDER.sub(" x ", key) if "⟨" in key else key
    form = _WORD if said.isascii() else _FOREIGN_WORD
    words = [_singular(word.lower()) for word in form.findall(said[:_LONGEST_KEY])]
    while len(words) > 1 and _LONE_FORM.fullmatch(words[-1]):
        words.pop()
    joined: list[str] = []
    for word in words:
        pair = (joined[-1], word) if joined else None
        if pair in _MADE_OF_TWO:
            joined[-1] = _MADE_OF_TWO[pair]
        else:
            joined.append(word)
    return joined


def _singular(word: str) -> str:
    if word.endswith("ses") and word.startswith("addres"):
        return "address"
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "gps")):
        return word[:-1]
    return word
