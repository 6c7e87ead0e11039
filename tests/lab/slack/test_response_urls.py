import pytest

from lab.slack.refusal import SlackRefusal
from lab.slack.response_urls import ResponseUrl, ResponseUrls


def issued(urls: ResponseUrls) -> str:
    return urls.issue(ResponseUrl("U1", "C1", issued_at=0)).rpartition("/")[2]


def test_expires_after_half_an_hour() -> None:
    """A late answer is refused."""
    urls = ResponseUrls("http://lab")

    with pytest.raises(SlackRefusal, match="expired_url"):
        urls.use(issued(urls), now=1801)


def test_unknown_urls_are_refused() -> None:
    """Guessing leads nowhere."""
    with pytest.raises(SlackRefusal, match="no_such_url"):
        ResponseUrls("http://lab").use("guess", now=0)
