"""Check digits of cards and of national ids; each names its standard."""

_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTATION = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
# Values of 0 to 9 and A to Z at odd places, by decree of 23 December 1976.
_FISCAL_ODD = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18,
    20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip


def is_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004
    return total % 10 == 0


def is_mod_97(text: str) -> bool:
    """ISO 13616 (IBAN): letters are 10 to 35, the first four stand last."""
    turned = text[4:] + text[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def is_verhoeff(digits: str) -> bool:
    """Verhoeff's dihedral check, as in Aadhaar numbers."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_DIHEDRAL[check][int(_PERMUTATION[place % 8][int(digit)])])
    return check == 0


def is_dni(text: str) -> bool:
    """Spain: eight digits, or X, Y, Z and seven (NIE), and a letter by mod 23."""
    number = text[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _DNI_LETTERS[int(number) % 23] == text[-1]


def is_bsn(digits: str) -> bool:
    """Netherlands: the "elfproef", weights 9 to 2 and -1."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return _weighted(digits, weights) % 11 == 0 and int(digits) > 0


def is_cpf(digits: str) -> bool:
    """Brazil: two check digits by mod 11; eleven times one digit is none."""
    if len(set(digits)) == 1:
        return False
    return all(
        _weighted(digits[:size], range(size + 1, 1, -1)) * 10 % 11 % 10
        == int(digits[size])
        for size in (9, 10)
    )


def is_pesel(digits: str) -> bool:
    """Poland: weights 1, 3, 7, 9, by mod 10."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return _weighted(digits, weights) % 10 == 0


def is_nir(digits: str) -> bool:
    """France: thirteen digits and a key of two, 97 less the number mod 97."""
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_personnummer(digits: str) -> bool:
    """Sweden: Luhn over the last ten digits; the century is not checked."""
    return is_luhn(digits[-10:])


def is_codice_fiscale(text: str) -> bool:
    """Italy: a check letter over odd and even places."""
    total = sum(
        _FISCAL_ODD[int(sign, 36)] if place % 2 == 0 else _even_value(sign)
        for place, sign in enumerate(text[:15])
    )
    return chr(ord("A") + total % 26) == text[15]


def _even_value(sign: str) -> int:
    return int(sign) if sign.isdigit() else ord(sign) - ord("A")


def _weighted(digits: str, weights: "tuple[int, ...] | range") -> int:
    return sum(
        int(digit) * weight for digit, weight in zip(digits, weights, strict=True)
    )
