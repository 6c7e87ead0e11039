# ruff: noqa: RUF001 - names in other scripts
"""
Names of countries and territories: ISO 3166-1 in English, and what people there write.

A closed list, in lower case. Libraries with these names in every language weigh tens of
megabytes in the process that holds the keys; an address is written in English or in the
language of its country.
"""

import re
from functools import cache

_FIRST = re.compile(r"[^\s.()'’-]+")

_ENGLISH = """
afghanistan;albania;algeria;american samoa;andorra;angola;anguilla;antarctica
antigua and barbuda;argentina;armenia;aruba;australia;austria;azerbaijan;bahamas
the bahamas;bahrain;bangladesh;barbados;belarus;belgium;belize;benin;bermuda
bhutan;bolivia;bonaire;caribbean netherlands;bosnia and herzegovina;bosnia
botswana;brazil;british indian ocean territory;british virgin islands;brunei
brunei darussalam;bulgaria;burkina faso;burundi;cambodia;cameroon;canada
cape verde;cabo verde;cayman islands;central african republic;chad;chile;china
people's republic of china;pr china;prc;christmas island;cocos islands
cocos (keeling) islands;colombia;comoros;congo;congo-brazzaville;congo-kinshasa
republic of the congo;dr congo;drc;democratic republic of the congo;cook islands
costa rica;croatia;cuba;curaçao;curacao;cyprus;czech republic;czechia
côte d'ivoire;cote d'ivoire;ivory coast;denmark;djibouti;dominica
dominican republic;east timor;timor-leste;ecuador;egypt;el salvador
equatorial guinea;eritrea;estonia;eswatini;swaziland;ethiopia;falkland islands
faroe islands;fiji;finland;france;french guiana;french polynesia
french southern territories;gabon;gambia;the gambia;georgia;germany;ghana
gibraltar;greece;greenland;grenada;guadeloupe;guam;guatemala;guernsey
channel islands;guinea;guinea-bissau;guyana;haiti;honduras;hong kong
hong kong sar;hungary;iceland;india;indonesia;iran;iraq;ireland
republic of ireland;isle of man;israel;italy;jamaica;japan;jersey;jordan
kazakhstan;kenya;kiribati;kosovo;kuwait;kyrgyzstan;laos;lao pdr;latvia;lebanon
lesotho;liberia;libya;liechtenstein;lithuania;luxembourg;macao;macau;macedonia
north macedonia;f.y.r.o.m.;fyrom;madagascar;malawi;malaysia;maldives;mali;malta
marshall islands;martinique;mauritania;mauritius;mayotte;mexico;micronesia
federated states of micronesia;moldova;monaco;mongolia;montenegro;montserrat
morocco;mozambique;myanmar;burma;namibia;nauru;nepal;netherlands;the netherlands
holland;new caledonia;new zealand;nicaragua;niger;nigeria;niue;norfolk island
north korea;northern mariana islands;norway;oman;sultanate of oman;pakistan
palau;palestine;palestinian territories;palestinian territory;state of palestine
panama;papua new guinea;paraguay;peru;philippines;the philippines;pitcairn
pitcairn islands;poland;portugal;puerto rico;qatar;romania;russia
russian federation;rwanda;reunion;réunion;la réunion;saba;saint barthélemy
saint barthelemy;saint helena;saint kitts and nevis;st kitts and nevis
saint lucia;st lucia;saint martin;saint pierre and miquelon
saint vincent and the grenadines;st vincent and the grenadines;samoa;san marino
sao tome and principe;são tomé and príncipe;saudi arabia;kingdom of saudi arabia
ksa;senegal;serbia;seychelles;sierra leone;singapore;sint eustatius;sint maarten
slovakia;slovak republic;slovenia;solomon islands;somalia;somaliland
south africa;republic of south africa;south georgia
south georgia and the south sandwich islands;south korea;republic of korea;korea
south sudan;sovereign base areas;spain;sri lanka;akrotiri and dhekelia
sovereign base areas of akrotiri and dhekelia;sudan;suriname;svalbard
svalbard and jan mayen;sweden;switzerland;syria;syrian arab republic;taiwan
republic of china;taiwan roc;tajikistan;tanzania;thailand;togo;tokelau;tonga
trinidad and tobago;trinidad & tobago;tristan da cunha;tunisia;turkey;turkiye
turkmenistan;turks and caicos islands;tuvalu;u.s. virgin islands
us virgin islands;uganda;ukraine;united arab emirates;uae;u.a.e.;united kingdom
uk;u.k.;great britain;england;scotland;wales;northern ireland;united states
united states of america;the united states;usa;u.s.a.;u.s.;uruguay;uzbekistan
vanuatu;vatican;vatican city;vatican city state;holy see;venezuela;vietnam
viet nam;wallis and futuna;western sahara;yemen;zambia;zimbabwe;åland
åland islands;aland islands;ascension island;northern cyprus;abkhazia
south ossetia;transnistria
"""
_OWN = """
afganistan;افغانستان;shqipëri;shqipëria;الجزائر;algérie;andorre;հայաստան
argentine;argentinien;österreich;autriche;azərbaycan;البحرين;বাংলাদেশ;беларусь
белоруссия;belgië;belgique;belgien;bélgica;bénin;འབྲུག;bosna i hercegovina
босна и херцеговина;brasil;brésil;brasilien;българия;bulgarie;bulgarien;កម្ពុជា
cameroun;kanada;canadá;tchad;تشاد;中国;中國;中华人民共和国;kolumbien;colombie
جزر القمر;hrvatska;kroatien;kıbrıs;κύπρος;česko;česká republika;tschechien
danmark;dänemark;danemark;جيبوتي;república dominicana;مصر;جمهورية مصر العربية
ägypten;égypte;egipto;eesti;estland;ኢትዮጵያ;føroyar;suomi;finnland;finlande
frankreich;francia;frança;guyane;guyane française;polynésie française
terres australes et antarctiques françaises;nouvelle-calédonie;საქართველო
deutschland;bundesrepublik deutschland;allemagne;alemania;alemanha;germania
ελλάδα;ελλάς;griechenland;grèce;grecia;kalaallit nunaat;guinée;guiné-bissau
haïti;香港;magyarország;ungarn;hongrie;ísland;island;भारत;ভারত;bharat;inde
indien;ایران;العراق;éire;irland;irlande;irlanda;ישראל;إسرائيل;italia;italien
italie;日本;日本国;japon;jepang;الأردن;қазақстан;казахстан;кыргызстан
кыргызская республика;الكويت;دولة الكويت;ລາວ;latvija;lettland;لبنان
الجمهورية اللبنانية;liban;ليبيا;lietuva;litauen;lëtzebuerg;luxemburg;澳門;澳门
македонија;северна македонија;madagasikara;مالي;موريتانيا;mauritanie;maurice
méxico;mexiko;republica moldova;монгол улс;монгол;crna gora;црна гора;المغرب
maroc;marokko;marruecos;moçambique;မြန်မာ;नेपाल;nederland;niederlande;pays-bas
países bajos;aotearoa;níger;조선민주주의인민공화국;norge;noreg;norwegen;norvège
noruega;عمان;سلطنة عمان;پاکستان;فلسطين;panamá;perú;pérou;pilipinas;polska;polen
pologne;polonia;polónia;قطر;دولة قطر;românia;rumänien;roumanie;rumania;россия
российская федерация;russie;rusland;russland;rusia;rússia;السعودية
المملكة العربية السعودية;sénégal;србија;srbija;serbien;serbie;新加坡;slovensko
slovenská republika;slovakei;slowakei;slovenija;slowenien;الصومال;soomaaliya
suid-afrika;südafrika;afrique du sud;대한민국;한국;españa;spanien;espagne
espanha;spagna;ශ්‍රී ලංකාව;இலங்கை;السودان;sverige;schweden;suède;suecia;suécia
schweiz;suisse;svizzera;svizra;die schweiz;suiza;سوريا;سورية
الجمهورية العربية السورية;臺灣;台灣;台湾;中華民國;тоҷикистон;таджикистан
ประเทศไทย;ไทย;تونس;tunisie;türkiye;turquie;türkei;turquía;türkmenistan;україна
украина;ukraïna;الإمارات;الإمارات العربية المتحدة;الامارات
vereinigtes königreich;royaume-uni;reino unido;regno unito;grossbritannien
großbritannien;cymru;vereinigte staaten;vereinigte staaten von amerika
états-unis;etats-unis;estados unidos;stati uniti;сша;oʻzbekiston;o'zbekiston
узбекистан;città del vaticano;việt nam;اليمن;الجمهورية اليمنية;zimbabue
côte-d'ivoire;rdc;république démocratique du congo;congo (rdc);polynésie
saint-barthélemy;saint-martin;saint-pierre-et-miquelon;wallis-et-futuna
são tomé e príncipe;guinea ecuatorial;timor leste;mongolie;azerbaïdjan
aserbaidschan;kasachstan;moldawien;bulgaristan
"""


@cache
def countries() -> frozenset[str]:
    """Give all names, in lower case."""
    lines = f"{_ENGLISH}\n{_OWN}".split("\n")
    return frozenset(name for line in lines for name in line.split(";") if name)


@cache
def first_words() -> frozenset[str]:
    """Give the first word of each name, without its marks, for a prefilter."""
    return frozenset(_FIRST.match(name)[0] for name in countries())  # type: ignore[index]


@cache
def longest_words() -> frozenset[str]:
    """Give the longest word of each name: its most telling one, for a prefilter."""
    names = (name.replace("-", " ").split(" ") for name in countries())
    return frozenset(max(words, key=len) for words in names)


@cache
def most_words() -> int:
    """Give the number of words of the longest name."""
    return max(name.count(" ") for name in countries()) + 1
