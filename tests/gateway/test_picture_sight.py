"""Whoever sees few colours, or none, tells the marks of a picture apart."""

from collections import Counter
from itertools import combinations

import pytest
from PIL import Image

from gateway.picture import Curve, Mark, MarkKind
from tests.gateway.sight import SIGHTS, distance
from tests.gateway.test_picture import START, drawn, pixel_at

# At the bottom of its panel, out of the marks' way.
FLAT = Curve("error_ratio", "ratio", [(START + n, 0.0) for n in range(601)], None)
AT = {MarkKind.change: 150, MarkKind.alert: 300, MarkKind.action: 450}
MARKS = tuple(Mark(kind, START + at, kind.value) for kind, at in AT.items())
# Ten times what is just seen.
_LEAST = 25.0
_SECOND_PANEL = range(64 + 280 + 52 + 4, 64 + 2 * 280 - 22 - 8)
_LIGHT = 180


def column_of(kind: MarkKind) -> int:
    return round(132 + (1000 - 132 - 28) * AT[kind] / 600)


def colour_of(image: Image.Image, x: int) -> tuple[int, ...]:
    """Give the colour of the line that stands there, as the picture has it."""
    seen = (pixel_at(image, x, y) for y in _SECOND_PANEL)
    dark = [one for one in seen if min(one) < _LIGHT]
    return Counter(dark).most_common(1)[0][0]


def strokes(image: Image.Image, x: int) -> list[int]:
    """Give how long each stroke of the line is, where nothing but grey is seen."""
    grey = image.convert("LA")
    runs, run = [], 0
    for y in [*_SECOND_PANEL, None]:
        if y is not None and pixel_at(grey, x, y)[0] < _LIGHT:
            run += 1
            continue
        runs += [run] if run else []
        run = 0
    return runs


def apart(sight: str, colours: list[tuple[int, ...]]) -> float:
    """Give how far the two nearest of these are apart."""
    return min(
        distance(sight, (one[0], one[1], one[2]), (other[0], other[1], other[2]))
        for one, other in combinations(colours, 2)
    )


@pytest.mark.parametrize("sight", SIGHTS)
def test_its_colours_are_far_apart_to_everybody(sight: str) -> None:
    """Those of the marks and of the curve, as they stand in the PNG."""
    image = drawn(FLAT, FLAT, marks=MARKS)
    curve = Counter(
        pixel
        for x in range(400, 500)
        for y in range(64 + 280 + 52 + 196, 64 + 2 * 280 - 16)
        if min(pixel := pixel_at(image, x, y)) < _LIGHT
    ).most_common(1)[0][0]

    assert apart(sight, [curve, *(colour_of(image, column_of(one)) for one in AT)]) > (
        _LEAST
    )


@pytest.mark.parametrize(
    ("sight", "red", "green"),
    [
        ("protanopia", (201, 30, 62), (0, 114, 90)),
        ("deuteranopia", (200, 30, 30), (30, 130, 30)),
    ],
)
def test_red_and_green_would_not_do(
    sight: str, red: tuple[int, ...], green: tuple[int, ...]
) -> None:
    """The measure refuses them, far apart as they are to others."""
    assert apart("full", [red, green]) > 4 * _LEAST
    assert apart(sight, [red, green]) < _LEAST


def test_without_any_colour_each_mark_has_a_line_of_its_own() -> None:
    """In each panel: words stand in the first alone."""
    image = drawn(FLAT, FLAT, marks=MARKS)
    alert = strokes(image, column_of(MarkKind.alert))
    change = strokes(image, column_of(MarkKind.change))
    action = strokes(image, column_of(MarkKind.action))

    assert 1 == len(alert)
    assert len(change) > 4
    assert min(change[1:-1]) > 15
    assert max(action[1:-1]) - min(action[1:-1]) > 6
