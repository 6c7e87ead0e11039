"""Trouble in words: what a person could act on."""

import ssl

import httpx
import pytest

from gateway.connectors.pinned import AddressRefused
from gateway.connectors.trouble import (
    certificate_trouble,
    say_failure,
    say_status,
    will_pass,
)


def caused(error: httpx.HTTPError, cause: BaseException) -> httpx.HTTPError:
    """Nest as httpx over httpcore does."""
    middle = OSError("middle")
    middle.__cause__ = cause
    error.__cause__ = middle
    return error


def expired() -> ssl.SSLCertVerificationError:
    made = ssl.SSLCertVerificationError(1, "certificate verify failed")
    made.verify_message = "certificate has expired"
    return made


def test_a_certificate_is_named_through_its_wrappers() -> None:
    error = caused(httpx.ConnectError("x"), expired())

    assert "certificate has expired" == certificate_trouble(error)
    assert (
        "ConnectError: its certificate is refused: certificate has expired"
        == say_failure(error)
    )


def test_another_failure_is_none_of_a_certificate() -> None:
    error = caused(httpx.ConnectError("refused"), OSError("refused"))

    assert certificate_trouble(error) is None
    assert "ConnectError: refused" == say_failure(error)


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        (OSError("refused"), True),
        (expired(), False),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), False),
        (AddressRefused("x is 10.0.0.1: not a public address"), False),
    ],
)
def test_what_the_configuration_must_mend_does_not_pass(
    cause: BaseException, *, passes: bool
) -> None:
    """Nobody asks again: it would only hide the reason behind an open circuit."""
    assert passes is will_pass(caused(httpx.ConnectError("x"), cause))


def test_a_failure_without_words_is_its_name() -> None:
    assert "ReadTimeout" == say_failure(httpx.ReadTimeout(""))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "the credential is refused"),
        (403, "lacks a permission"),
        (404, "not found"),
        (429, "too many requests"),
        (500, "HTTP 500 body"),
    ],
)
def test_a_status_is_explained(status: int, said: str) -> None:
    assert said in say_status(status, b"body")


def test_a_redirect_names_the_host_alone() -> None:
    """Its path and query may hold a token."""
    said = say_status(302, b"", "https://sso.test/login?token=secret")

    assert "HTTP 302: redirects to sso.test; none is followed" == said
    assert "another path" in say_status(301, b"", "/moved")
    assert "what is no address" in say_status(300, b"", "http://x:y/")


def test_a_body_is_quoted_shortly() -> None:
    assert 220 > len(say_status(500, b"x" * 5000))
