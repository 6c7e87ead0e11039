"""Parse the small part of PromQL that the lab answers: one selector."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.platform.history import Series
from lab.platform.measure import METRICS

SELECTOR = r"\s*(?P<metric>[a-zA-Z_:][\w:]*)\s*(?:\{(?P<matchers>.*)\})?\s*"
MATCHER = (
    r'\s*(?P<label>[a-zA-Z_]\w*)\s*(?P<sign>=~|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*'
)


class UnsupportedExpression(Exception):
    """Not one of our selectors; the message says what is."""


@dataclass(frozen=True)
class Matcher:
    label: str
    pattern: str

    def accepts(self, labels: Mapping[str, str]) -> bool:
        return re.fullmatch(self.pattern, labels.get(self.label, "")) is not None


@dataclass(frozen=True)
class Selector:
    metric: str
    matchers: tuple[Matcher, ...]

    def accepts(self, candidate: Series) -> bool:
        metric, labels = candidate
        named = dict(labels)
        return metric == self.metric and all(
            matcher.accepts(named) for matcher in self.matchers
        )


def parse_selector(expression: str) -> Selector:
    """Parse one selector, or raise UnsupportedExpression."""
    found = re.fullmatch(SELECTOR, expression, re.DOTALL)
    if found is None or found["metric"] not in METRICS:
        raise unsupported(expression)
    return Selector(
        found["metric"], parse_matchers(found["matchers"] or "", expression)
    )


def parse_matchers(text: str, expression: str) -> tuple[Matcher, ...]:
    matchers = []
    rest = text.strip()
    while rest:
        found = re.match(MATCHER + r"(?:,|$)", rest)
        if found is None:
            raise unsupported(expression)
        value = re.sub(r"\\(.)", r"\1", found["value"])
        pattern = value if found["sign"] == "=~" else re.escape(value)
        matchers.append(checked(found["label"], pattern, expression))
        rest = rest[found.end() :]
    return tuple(matchers)


def checked(label: str, pattern: str, expression: str) -> Matcher:
    try:
        re.compile(pattern)
    except re.error as invalid:
        raise UnsupportedExpression(
            f"invalid regular expression in {expression!r}: {invalid}"
        ) from invalid
    return Matcher(label, pattern)


def unsupported(expression: str) -> UnsupportedExpression:
    return UnsupportedExpression(
        f"unsupported expression {expression!r}: the lab answers one selector, "
        f'such as {METRICS[1]}{{service="discourse"}}, with = and =~ matchers, '
        f"over these metrics: {', '.join(METRICS)}"
    )
