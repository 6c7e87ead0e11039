"""
How far two colours are apart to people who see few of them.

Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15(6), 2009: the matrices of severity 1.0, on linear sRGB.
The distance is CIE76: that in CIELAB (D65), of which about 2.3 is just seen.
"""

import math
from collections.abc import Mapping

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]

SIGHTS: Mapping[str, Matrix] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Of linear sRGB in CIE XYZ, and the white of D65.
_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Colour = (0.95047, 1.0, 1.08883)


def distance(sight: str, one: Colour, other: Colour) -> float:
    """Give how far two colours (sRGB, 0 to 255) are apart to this sight."""
    return math.dist(_lab(_seen(sight, one)), _lab(_seen(sight, other)))


def _seen(sight: str, colour: Colour) -> Colour:
    """Give linear sRGB as it is seen."""
    red, green, blue = _times(SIGHTS[sight], _linear(colour))
    return _within(red), _within(green), _within(blue)


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))


def _linear(colour: Colour) -> Colour:
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in (part / 255 for part in colour)
    )
    return red, green, blue


def _lab(linear: Colour) -> Colour:
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (
            one / white for one, white in zip(_times(_XYZ, linear), _WHITE, strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: Matrix, colour: Colour) -> Colour:
    first, second, third = (
        sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix
    )
    return first, second, third
