"""
Draw time series as a PNG that reads on a phone, with the incident's start marked.

Panels stand below each other over one axis of time (UTC). What is after the alert is
shaded, what is usual is a dashed line, a suspected change is a line of its own. The
drawing library is imported at the first picture: most processes never draw.
"""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Points = Sequence[tuple[float, float]]

# Pixels of the picture; it is drawn at twice the size and then made smaller, which
# smooths its lines. Text of 28 is about 10 points where a phone shows 1000 across.
_WIDTH = 1000
_TITLE_HEIGHT = 64
_PANEL_HEIGHT = 280
_FOOT_HEIGHT = 56
_LEFT = 132
_RIGHT = 28
_HEAD = 52
_BOTTOM = 22
_TEXT = 28
_LARGE = 34
_SCALE = 2
_COLOURS = 64
_MOST_PANELS = 4
_MOST_NAME = 44

_PAPER = (255, 255, 255)
_INK = (29, 28, 29)
_FAINT = (97, 96, 97)
_GRID = (226, 226, 226)
_LINE = (18, 100, 163)
# Told apart by everybody's eyes: tests/gateway/sight.py measures how well.
_ALERT = (200, 0, 80)
_AFTER = (253, 236, 239)
_CHANGE = (176, 107, 0)
_ACTION = (120, 0, 220)


class MarkKind(StrEnum):
    alert = "alert"
    change = "change"
    action = "action"


_COLOUR_OF = {
    MarkKind.alert: _ALERT,
    MarkKind.change: _CHANGE,
    MarkKind.action: _ACTION,
}
# How long a mark's line is drawn, left out, drawn and so on; an alert's has no gap.
_DASHES_OF = {
    MarkKind.alert: (),
    MarkKind.change: (20, 8),
    MarkKind.action: (14, 6, 4, 6),
}
# Where a mark's words stand below the upper edge, so that none covers another.
_ROW_OF = {MarkKind.alert: 2, MarkKind.change: 36, MarkKind.action: 70}


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant (Unix seconds) that all panels show."""

    kind: MarkKind
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """One panel; ``usual`` is the level before the alert."""

    name: str
    unit: str
    points: Points
    usual: float | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a panel's plot lies, in pixels of the large drawing, and what it spans."""

    left: float
    top: float
    right: float
    bottom: float
    begin: float
    end: float
    highest: float

    def x(self, at: float) -> float:
        part = (at - self.begin) / (self.end - self.begin)
        return self.left + min(1.0, max(0.0, part)) * (self.right - self.left)

    def y(self, value: float) -> float:
        part = min(1.0, max(0.0, value / self.highest))
        return self.bottom - part * (self.bottom - self.top)


def draw_series(title: str, curves: Sequence[Curve], marks: Sequence[Mark]) -> bytes:
    """Give a PNG of at most four curves; some ten milliseconds each: use a thread."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - see the module

    shown = curves[:_MOST_PANELS]
    height = _TITLE_HEIGHT + _PANEL_HEIGHT * len(shown) + _FOOT_HEIGHT
    image = Image.new("RGB", (_WIDTH * _SCALE, height * _SCALE), _PAPER)
    draw = ImageDraw.Draw(image)
    small = ImageFont.load_default(_TEXT * _SCALE)
    large = ImageFont.load_default(_LARGE * _SCALE)
    if not isinstance(small, ImageFont.FreeTypeFont) or not isinstance(
        large, ImageFont.FreeTypeFont
    ):
        raise TypeError("this Pillow was built without FreeType; install its wheel")
    pen = _Pen(draw, small, large)
    pen.text(_RIGHT, 14, title, _INK, font=large)
    begin, end = _span(shown)
    for number, curve in enumerate(shown):
        top = _TITLE_HEIGHT + _PANEL_HEIGHT * number
        pen.panel(curve, marks, _frame(curve, top, begin, end), first=number == 0)
    pen.times(begin, end, _TITLE_HEIGHT + _PANEL_HEIGHT * len(shown))
    made = image.resize((_WIDTH, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # Without the means, two marks' colours become one in between.
    few = made.quantize(_COLOURS, kmeans=1, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def describe_series(title: str, curves: Sequence[Curve], marks: Sequence[Mark]) -> str:
    """Say in words what the picture shows."""
    told = [f"{title}."]
    for curve in curves[:_MOST_PANELS]:
        if not curve.points:
            told.append(f"{spoken(curve.name)}: nothing measured.")
            continue
        now = say_value(curve.points[-1][1], curve.unit)
        highest = say_value(max(value for _, value in curve.points), curve.unit)
        usual = (
            f", usually {say_value(curve.usual, curve.unit)}"
            if curve.usual is not None
            else ""
        )
        told.append(f"{spoken(curve.name)}: now {now}{usual}, at most {highest}.")
    told += [f"{mark.label} at {_clock(mark.at)} UTC." for mark in marks]
    return " ".join(told)


def spoken(name: str) -> str:
    """Give a series' name as people say it."""
    known = {
        "requests_per_second": "Requests",
        "error_ratio": "Errors",
        "p99_ms": "p99 latency",
    }
    plain = known.get(name, name.removeprefix("route_rps:"))
    return plain if len(plain) <= _MOST_NAME else f"{plain[: _MOST_NAME - 2]}.."


def say_value(value: float, unit: str) -> str:
    """Say a value with its unit: ratios in per cent, thousands as k."""
    if unit == "ratio":
        return f"{value * 100:.3g} %"
    short = {"requests/s": "/s"}.get(unit, f" {unit}" if unit else "")
    if abs(value) >= 10_000:  # noqa: PLR2004 - four digits are still read at a glance
        return f"{value / 1000:.3g}k{short}"
    return f"{value:.0f}{short}" if abs(value) >= 100 else f"{value:.3g}{short}"  # noqa: PLR2004 - three digits


def nice_top(highest: float) -> float:
    """Give the smallest 1, 1.5, 2, 3 or 5 of a power of ten that is not below."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(
        step * power
        for step in (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
        if step * power >= highest
    )


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in pixels of the picture, on the large drawing."""

    draw: "ImageDraw"
    small: "FreeTypeFont"
    large: "FreeTypeFont"

    def panel(
        self, curve: Curve, marks: Sequence[Mark], frame: _Frame, *, first: bool
    ) -> None:
        """Draw one; the first says in words what the marks are."""
        self._after(marks, frame)
        self._grid(curve, frame)
        self._usual(curve, frame)
        for start, end in pairwise(curve.points):
            self.draw.line(
                (
                    frame.x(start[0]),
                    frame.y(start[1]),
                    frame.x(end[0]),
                    frame.y(end[1]),
                ),
                fill=_LINE,
                width=5 * _SCALE,
                joint="curve",
            )
        self._marks(marks, frame, labelled=first)
        top = frame.top / _SCALE - _HEAD + 8
        self.text(_LEFT, top, spoken(curve.name), _INK)
        if curve.points:
            now = say_value(curve.points[-1][1], curve.unit)
            self.text(_WIDTH - _RIGHT, top, f"now {now}", _LINE, anchor="ra")
        else:
            self.text(_WIDTH - _RIGHT, top, "nothing measured", _FAINT, anchor="ra")

    def times(self, begin: float, end: float, top: float) -> None:
        """Write the instants below the last panel."""
        width = _WIDTH - _LEFT - _RIGHT
        for at in _round_instants(begin, end):
            x = _LEFT + width * (at - begin) / (end - begin)
            # Its half of a label beside the axis's ends, where others' words stand.
            x = min(max(x, _LEFT + 36), _WIDTH - _RIGHT - 36)
            self.text(x, top + 4, _clock(at), _FAINT, anchor="ma")
        self.text(_LEFT - 14, top + 4, "UTC", _FAINT, anchor="ra")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: tuple[int, int, int],
        *,
        anchor: str = "la",
        font: "FreeTypeFont | None" = None,
    ) -> None:
        self.draw.text(
            (x * _SCALE, y * _SCALE),
            words,
            fill=colour,
            font=font or self.small,
            anchor=anchor,
        )

    def _after(self, marks: Sequence[Mark], frame: _Frame) -> None:
        for mark in marks:
            if mark.kind is MarkKind.alert and frame.begin <= mark.at <= frame.end:
                corner = (frame.x(mark.at), frame.top, frame.right, frame.bottom)
                self.draw.rectangle(corner, fill=_AFTER)

    def _grid(self, curve: Curve, frame: _Frame) -> None:
        for part in (0.0, 0.5, 1.0):
            y = frame.y(frame.highest * part)
            self.draw.line((frame.left, y, frame.right, y), fill=_GRID, width=_SCALE)
            self.text(
                _LEFT - 14,
                y / _SCALE,
                say_value(frame.highest * part, curve.unit),
                _FAINT,
                anchor="rm",
            )

    def _usual(self, curve: Curve, frame: _Frame) -> None:
        if curve.usual is not None:
            y = frame.y(curve.usual)
            for x in _dashes(frame.left, frame.right):
                ends = (x, y, min(x + 14 * _SCALE, frame.right), y)
                self.draw.line(ends, fill=_FAINT, width=2 * _SCALE)

    def _marks(self, marks: Sequence[Mark], frame: _Frame, *, labelled: bool) -> None:
        seen = [one for one in marks if frame.begin <= one.at <= frame.end]
        lines = [frame.x(one.at) / _SCALE for one in seen]
        for mark in seen:
            colour = _COLOUR_OF[mark.kind]
            x = frame.x(mark.at)
            for top, bottom in _strokes(mark.kind, frame.top, frame.bottom):
                self.draw.line((x, top, x, bottom), fill=colour, width=4 * _SCALE)
            if labelled:
                self._label(mark, frame, lines, colour)

    def _label(
        self,
        mark: Mark,
        frame: _Frame,
        lines: Sequence[float],
        colour: tuple[int, int, int],
    ) -> None:
        """
        Write beside its line: a change to the left of it, an alert to the right.

        No other mark's line goes through the words.
        """
        x = frame.x(mark.at) / _SCALE
        words = mark.label
        left = mark.kind is MarkKind.change
        wide = self.small.getlength(words) / _SCALE + 10
        if left and x - wide < frame.left / _SCALE:
            left = False
        if not left and x + wide > frame.right / _SCALE:
            left = True
        x, own = _past(x, lines, wide, left=left), x
        if not left and x + wide > frame.right / _SCALE:
            # Other lines stand between it and the edge: there is room before them.
            left, x = True, _past(own, lines, wide, left=True)
        row = _ROW_OF[mark.kind]
        self.text(
            x - 10 if left else x + 10,
            frame.top / _SCALE + row,
            words,
            colour,
            anchor="ra" if left else "la",
        )


def _past(x: float, lines: Sequence[float], wide: float, *, left: bool) -> float:
    """Give the line beside which words of this width meet no other line."""
    for line in sorted(lines, reverse=left):
        if 0 < (x - line if left else line - x) < wide:
            x = line
    return x


def _frame(curve: Curve, top: float, begin: float, end: float) -> _Frame:
    values = [value for _, value in curve.points]
    highest = max([*values, curve.usual or 0.0], default=0.0)
    return _Frame(
        left=_LEFT * _SCALE,
        top=(top + _HEAD) * _SCALE,
        right=(_WIDTH - _RIGHT) * _SCALE,
        bottom=(top + _PANEL_HEIGHT - _BOTTOM) * _SCALE,
        begin=begin,
        end=end,
        highest=nice_top(highest),
    )


def _span(curves: Sequence[Curve]) -> tuple[float, float]:
    instants = [at for curve in curves for at, _ in curve.points]
    begin = min(instants, default=0.0)
    return begin, max([*instants, begin + 1.0])


def _round_instants(begin: float, end: float) -> Iterator[float]:
    """Give at most seven full minutes within the span."""
    wanted = (end - begin) / 5
    step = next(
        (one for one in (60, 120, 300, 600, 900, 1800, 3600) if one >= wanted), 7200
    )
    at = math.ceil(begin / step) * step
    while at <= end:
        yield float(at)
        at += step


def _dashes(left: float, right: float) -> Iterator[float]:
    x = left
    while x < right:
        yield x
        x += 26 * _SCALE


def _strokes(
    kind: MarkKind, top: float, bottom: float
) -> Iterator[tuple[float, float]]:
    """Give the ends of each stroke of a mark's line, which tell its kind."""
    lengths = _DASHES_OF[kind]
    if not lengths:
        yield top, bottom
        return
    for number, length in enumerate(cycle(lengths)):
        if top >= bottom:
            return
        end = min(top + length * _SCALE, bottom)
        if number % 2 == 0:
            yield top, end
        top = end


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")
