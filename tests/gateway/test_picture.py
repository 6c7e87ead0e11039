"""Pictures of series: what is drawn where, and what the words beside it say."""

import io

import pytest
from PIL import Image

from gateway.picture import (
    Curve,
    Mark,
    MarkKind,
    describe_series,
    draw_series,
    nice_top,
    say_value,
    spoken,
)

START = 1_790_000_040.0
POINTS = [(START + 5.0 * n, 100.0 + n) for n in range(120)]
ALERT = Mark(MarkKind.alert, START + 300, "alert")
CHANGE = Mark(MarkKind.change, START + 240, "new_ranker at 50 %")
CURVE = Curve("p99_ms", "ms", POINTS, 100.0)
RED, ORANGE, BLUE, SHADE = (200, 0, 80), (176, 107, 0), (18, 100, 163), (253, 236, 239)
VIOLET = (120, 0, 220)


def drawn(*curves: Curve, marks: tuple[Mark, ...] = ()) -> Image.Image:
    return Image.open(io.BytesIO(draw_series("discourse", curves, marks))).convert(
        "RGB"
    )


def columns(image: Image.Image, colour: tuple[int, int, int]) -> list[int]:
    """Give the columns of which a good part is of about this colour."""
    found = []
    for x in range(image.width):
        near = sum(
            all(abs(a - b) < 10 for a, b in zip(pixel, colour, strict=True))
            for y in range(0, image.height, 4)
            if isinstance(pixel := image.getpixel((x, y)), tuple)
        )
        # Half of the picture is the plot, and a dashed line has gaps.
        if near > image.height / 4 / 4:
            found.append(x)
    return found


def test_a_picture_is_as_wide_as_a_phone_shows() -> None:
    """And grows with its panels; small enough for a thread."""
    png = draw_series("discourse", [CURVE, CURVE], [ALERT])
    image = Image.open(io.BytesIO(png))

    assert ("PNG", 1000) == (image.format, image.width)
    assert image.height < 800
    assert len(png) < 100_000


def test_the_alert_stands_where_it_began() -> None:
    """Half-way here, as one line; from it on the ground is shaded."""
    image = drawn(CURVE, marks=(ALERT,))
    middle = 132 + (1000 - 132 - 28) * 300 / 595

    red = columns(image, RED)
    shaded = columns(image, SHADE)
    assert red
    assert all(abs(x - middle) <= 4 for x in red)
    assert min(shaded) > middle - 4
    assert max(shaded) > 950


def test_a_change_has_a_line_of_its_own() -> None:
    image = drawn(CURVE, marks=(ALERT, CHANGE))

    assert columns(image, ORANGE)
    assert max(columns(image, ORANGE)) < min(columns(image, RED))


def test_a_mark_outside_is_not_drawn() -> None:
    """An alert from before the window would be a line at its edge."""
    early = Mark(MarkKind.alert, START - 3600, "alert")

    assert [] == columns(drawn(CURVE, marks=(early,)), RED)


@pytest.mark.parametrize(
    "curve",
    [
        Curve("p99_ms", "ms", [], None),
        Curve("p99_ms", "ms", [(START, 5.0)], 5.0),
        Curve("p99_ms", "ms", [(START, 0.0), (START + 5, 0.0)], 0.0),
        Curve("p99_ms", "ms", [(START, -3.0), (START + 5, 1e12)], None),
        Curve("route_rps:" + "x" * 500, "", POINTS, None),
        Curve("route_rps:GET /日本", "Δ", POINTS, None),
    ],
)
def test_odd_series_are_drawn_too(curve: Curve) -> None:
    """None, one, zeros, negative, huge, long and foreign names."""
    assert 1000 == drawn(curve, marks=(ALERT, CHANGE)).width


def test_at_most_four_curves_are_shown() -> None:
    assert drawn(*[CURVE] * 4).height == drawn(*[CURVE] * 9).height


def test_the_words_say_what_is_seen() -> None:
    """For who can't see it, or not yet."""
    empty = Curve("error_ratio", "ratio", [], None)

    assert (
        "discourse. p99 latency: now 219 ms, usually 100 ms, at most 219 ms. "
        "Errors: nothing measured. new_ranker at 50 % at 14:18 UTC. "
        "alert at 14:19 UTC."
    ) == describe_series("discourse", [CURVE, empty], [CHANGE, ALERT])


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.1234, "ratio", "12.3 %"),
        (0.0, "ratio", "0 %"),
        (3.14159, "ms", "3.14 ms"),
        (1195.4, "requests/s", "1195/s"),
        (123_456.0, "requests/s", "123k/s"),
        (7.0, "", "7"),
    ],
)
def test_values_are_said_shortly(value: float, unit: str, said: str) -> None:
    assert said == say_value(value, unit)


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0.0, 1.0), (-1.0, 1.0), (0.13, 0.15), (1.0, 1.0), (1228.0, 1500.0), (9e9, 1e10)],
)
def test_an_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert pytest.approx(top) == nice_top(highest)


def test_names_are_spoken() -> None:
    assert ("Errors", "GET /feed") == (
        spoken("error_ratio"),
        spoken("route_rps:GET /feed"),
    )
    assert 44 == len(spoken("x" * 100))


def test_an_action_has_a_line_and_words_of_its_own() -> None:
    """In a colour that differs from the alert's for everybody."""
    action = Mark(MarkKind.action, START + 450, "action")
    image = drawn(CURVE, marks=(ALERT, action))
    place = 132 + (1000 - 132 - 28) * 450 / 595
    found = columns(image, VIOLET)

    assert found
    assert all(abs(x - place) < 6 for x in found)
    assert "action at" in describe_series("discourse", [CURVE], [action])


def test_no_line_goes_through_a_mark_s_words() -> None:
    """An action right behind the alert, at the edge: its words stand left of both."""
    late = Mark(MarkKind.alert, START + 560, "alert")
    action = Mark(MarkKind.action, START + 575, "action")
    image = drawn(CURVE, marks=(late, action))
    alert_at, action_at = max(columns(image, RED)), min(columns(image, VIOLET))
    words = [
        x
        for x in range(alert_at - 120, action_at - 3)
        for y in range(image.height // 2)
        if all(
            abs(a - b) < 40 for a, b in zip(pixel_at(image, x, y), VIOLET, strict=True)
        )
    ]

    assert words
    assert max(words) < alert_at


def pixel_at(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def test_no_mark_s_words_are_cut_at_the_edge() -> None:
    """An alert with an action close behind it, both at the end of what is shown."""
    late = Mark(MarkKind.alert, START + 535, "alert")
    action = Mark(MarkKind.action, START + 572, "action")
    image = drawn(CURVE, marks=(late, action))
    near = [
        (x, y)
        for x in range(1000 - 28, 1000)
        for y in range(image.height)
        if all(abs(a - b) < 60 for a, b in zip(pixel_at(image, x, y), RED, strict=True))
    ]

    assert [] == near
