# ruff: noqa: RUF001 - words in other scripts
"""
Words of streets and the forms of postcodes, house numbers and names.

Words stand alone (``rue``, ``Street``) or end a word (``Hauptstraße``); both lists are
in lower case without a last dot. Postcodes are the Universal Postal Union's forms.
"""

import re
from functools import cache

_WORDS = """
street st road rd avenue ave av lane ln drive dr boulevard blvd bd bvd way court ct
square
sq place pl terrace ter crescent cres close highway hwy parkway pkwy quay alley row
walk
circle cir circus mews gardens grove hill rise track trail pike turnpike freeway
expressway
esplanade parade promenade bypass wharf embankment gate yard broadway loop causeway
rue chemin ch route rte impasse allée allee cours quai voie passage sentier faubourg
ruelle
calle c/ avenida avda carrera cra camino jirón jiron pasaje paseo pº plaza plz
carretera ctra ronda travesía
transversal diagonal autopista calzada callejón glorieta
rua travessa praça praca largo alameda estrada rodovia beco ladeira
via viale piazza piazzale corso vicolo strada contrada lungomare salita
avinguda carrer plaça passeig kale kalea etorbidea
straße strasse str weg platz gasse allee ring ufer damm chaussee steig promenade
straat laan plein weg kade gracht singel steenweg dreef
gatan gata väg vägen gränd torg torget gate gata vei veien vej gade allé plads
katu tie polku kuja tänav maantee tanav tn tee puiestee pst mnt iela ielā gatve gatvė g
pr prospektas
prospekts alėja plentas
ulica ul ulice aleja aleje al aleja plac pl náměstí nám nábřeží třída tř trg cesta
obala
šetalište bulevar bul ulița strada str șoseaua calea aleea bulevardul bd
utca u út útja tér tere körút krt köz sétány rakpart
улица ул проспект просп пр-т переулок пер шоссе ш набережная наб площадь пл бульвар
бул
тупик проезд вулиця вул провулок вуліца көшесі даңғылы гудамж
οδός οδος λεωφόρος λεωφ πλατεία odos leoforos plateia
sokak sokağı sk cadde caddesi cad bulvarı blv mahallesi mah küç küçəsi prospekti
prospekt
kucha kuchasi köçesi rruga rrugë bulevardi sheshi
شارع طريق زقاق جادة ميدان نهج حارة سوق درب خیابان کوچه بلوار
רחוב שדרות דרך סמטת
marg nagar chowk galli gali path bazaar bazar vihar sarani rasta mawatha
jalan jl jln gang lorong persiaran lebuh soi thanon đường phố ngõ duong pho
lam kaya shara shari sharia souq souk làlana lalana khan yolu
通り 大道 路 街 大街 巷 號 号 丁目 番地 로 길 대로
"""
_ENDINGS = """
straße strasse str weg platz gasse allee ring ufer damm chaussee steig
graben
straat laan plein kade gracht singel dreef steenweg weg
gatan gata vägen väg gränd torget gate veien vei vej gade allé plads stræde
katu tie polku kuja tänav iela
utca körút
gasse hof berg brücke bruecke markt
路 街 道 巷 弄 号 號 丁目 番地 로 길 대로 gil ro daero
"""
# Endings that other words have too: their word needs a house number beside it.
_SHARED_ENDINGS = frozenset(
    {"hof", "berg", "markt", "ring", "damm", "gate", "tie", "ro"}
)

# For the prefilter: endings whose words stand alone in no other sense.
ASCII_ENDINGS = (
    "strasse", "straat", "gatan", "utca", "katu", "gasse", "weg", "allee", "laan",
    "plein", "vej", "gade", "torget", "kade", "singel", "veien", "gata", "kuja",
    "polku",
)  # fmt: skip
STREET_ENDINGS_QUICK = (
    "straße", "strasse", "straat", "gatan", "vägen", "utca", "katu", "stræde", "gasse",
    "weg", "allee", "laan", "plein", "vej", "gade", "väg", "torget", "kade", "singel",
    "veien", "gata", "kuja", "polku", "路", "街", "丁目", "號", "号", "道", "巷", "弄",
    "로", "길",
)  # fmt: skip

_PARTICLES = """
de la le les los las lo du des d' del della dei di da do dos das van von vom der den
dem die el al ad as
of the and y e i et & on upon sur sous in im am an zu zum zur bei nr no nº n° № c/o
s/n apt unit
floor near bis ter quater und i/ o' a à au aux en na nad pod w ved på bin ibn abu och
og ja of
ten ter te op aan tot san santa st ste bldg building block suite flat level house room
gang
kerület км km d. д кв стр корп г
"""

POSTCODE = re.compile(
    # letters and digits: GB, CA, NL, IE, MT, AR
    r"(?:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d|\d{4}[ ]?[A-Z]{2}"
    r"|[A-Z]\d[\dW][ ]?[A-Z\d]{4}|[A-Z]{3}[ ]?\d{2,4}|[A-Z]\d{4}[ ]?[A-Z]{3}"
    # a state or country before: US, AU, AD, LV, MD, VG …
    r"|[A-Z]{2,3}[ -]?\d{3,6}(?:-\d{4})?"
    # digits with a break: SE, CZ, GR, PL, PT, BR, JP, KR, IN
    r"|\d{3}[ ]\d\d|\d\d-\d{3}|\d{4}-\d{3}|\d{5}-\d{3,4}|〒?\d{3}-\d{3,4}|\d{3}[ ]\d{3}"
    # a district of GB alone, digits alone
    r"|[A-Z]{1,2}\d{1,2}[A-Z]?|\d{3,7}|\d{4}[ ]\d{4})"
)
BROKEN_POSTCODE = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d"
    r"|\d\d-\d{3}"
    r"|\d{4}-\d{3}|\d{5}-\d{3}|[A-Z]{2}[ ]\d{5}(?:-\d{4})?|\d{3}[ ]\d\d(?=[ ][^\W\d])"
    r"|[A-Z]\d[\dW][ ][A-Z\d]{4}|\d{4}[ ][A-Z]{2}(?=[ ]|\Z)|[A-Z]{2,3}[ ]\d{4}(?=\Z)"
    r"|[A-Z]{2}-?\d{3,5}(?=[ ][^\W\d]))(?![\w-])"
)
PLAIN_POSTCODE = re.compile(
    r"(?<![\w-])\d{4,6}[ ]+(?=[^\W\d_a-z])|(?<=[^\W\d_] )\d{4,6}\Z|^\d{5,6}\Z"
)
HOUSE_NUMBER = re.compile(
    r"^\d{1,5}(?:[ ]?[A-Za-z])?(?:[-/]\d{1,5}[A-Za-z]?)?[ ]+(?=[^\W\d])"
    r"|(?<=[^\W\d]|[.])[ ]+(?:[nN](?:r|o|º|°)\.?[ ]?)?\d{1,5}[ ]?[A-Za-z]?"
    r"(?:[-/]\d{1,5}[A-Za-z]?)?\.?\Z"
    r"|^\d{1,4}[ ]?[a-z]?(?:[-/]\d{1,4})?\Z|(?<=\s)\d{1,4}[a-zA-Z]?(?=\s\d{4,5}\s)"
)
_ABBREVIATION = re.compile(r"(?:[a-z]\.){2,4}")
_STRIPPED = ".,()'\"‘’“”:"


@cache
def street_words() -> frozenset[str]:
    return frozenset(_WORDS.split())


@cache
def particles() -> frozenset[str]:
    return frozenset(_PARTICLES.split())


@cache
def _endings() -> tuple[str, ...]:
    return tuple(_ENDINGS.split())


def bare(word: str) -> str:
    """Give a word in lower case, without the marks around it."""
    return word.strip(_STRIPPED).lower()


def is_street_word(word: str) -> bool:
    return bare(word) in street_words()


def has_street_ending(word: str, *, has_number: bool) -> bool:
    """Tell ``Hauptstraße``; what ends like other words needs a house number too."""
    low = bare(word)
    # one question of all endings costs a tenth of one of each
    if not low.endswith(_endings()):
        return False
    for ending in _endings():
        if low.endswith(ending) and len(low) > len(ending) + 1:
            return has_number or ending not in _SHARED_ENDINGS
    return False


def is_name_like(word: str) -> bool:
    """Tell a word of a name: a capital, a digit, a script without capitals."""
    core = word.lstrip("(\"'‘’“”¿¡#\u200e\u200f")
    if not core:
        return False
    first = core[0]
    if first.isupper() or first.isdigit() or (first.isalpha() and not first.islower()):
        return True
    low = bare(core)
    return (
        low in particles()
        or low in street_words()
        or core in {"&", "/", "-", "–"}
        or first == "№"
        or _ABBREVIATION.fullmatch(core) is not None
    )
