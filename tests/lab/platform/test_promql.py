import pytest

from lab.platform.history import series
from lab.platform.promql import UnsupportedExpression, parse_selector

DISCOURSE = series("genme_http_5xx_ratio", service="discourse")


@pytest.mark.parametrize(
    "expression",
    [
        "genme_http_5xx_ratio",
        'genme_http_5xx_ratio{service="discourse"}',
        'genme_http_5xx_ratio{service=~"disc.*|feed", environment="prod"}',
        ' genme_http_5xx_ratio { service = "discourse", } ',
    ],
)
def test_selects(expression: str) -> None:
    """Both matchers, spaces and a last comma are understood."""
    assert parse_selector(expression).accepts(DISCOURSE)


def test_a_matcher_must_match_all_of_a_label() -> None:
    """As in Prometheus, patterns are anchored."""
    assert not parse_selector('genme_http_5xx_ratio{service=~"disc"}').accepts(
        DISCOURSE
    )


@pytest.mark.parametrize(
    "expression",
    [
        "rate(genme_http_5xx_ratio[5m])",
        "genme_http_5xx_ratio > 0.05",
        'genme_http_5xx_ratio{service!="feed"}',
        "up",
        'genme_http_5xx_ratio{service="feed"',
        'genme_http_5xx_ratio{service=~"("}',
    ],
)
def test_says_what_it_cannot(expression: str) -> None:
    """Everything else is refused rather than answered wrongly."""
    with pytest.raises(UnsupportedExpression):
        parse_selector(expression)
