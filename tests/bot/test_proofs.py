"""Where a token may stand, and how it is compared."""

import base64

import pytest
from starlette.requests import Request

from bot.proofs import (
    VERIFIERS,
    brings_signature,
    fields_of,
    is_token,
    tokens_of,
)
from storage.endpoints import digest_of

Headers = dict[str, str]


def request(
    headers: Headers | None = None, *, token: str = "", query: str = ""
) -> Request:
    return Request(
        {
            "type": "http",
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in (headers or {}).items()
            ],
            "query_string": query.encode(),
            "path_params": {"token": token} if token else {},
        }
    )


def basic(pair: str) -> Headers:
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@pytest.mark.parametrize(
    "one",
    [
        request({"Authorization": "Bearer secret"}),
        request({"Authorization": "bearer  secret "}),
        request(basic("anybody:secret")),
        request(basic(":secret")),
        request({"X-Webhook-Token": "secret"}),
        request(token="secret"),  # noqa: S106 - of a test
    ],
    ids=["bearer", "any case", "basic", "no user", "header", "path"],
)
def test_a_token_is_found(one: Request) -> None:
    assert ["secret"] == tokens_of(one, "datadog")


@pytest.mark.parametrize(
    "one",
    [
        request(),
        request({"Authorization": "Digest secret"}),
        request({"Authorization": "Bearer"}),
        request({"Authorization": "Basic ???"}),
        request({"Authorization": "Basic /w=="}),
        request({"X-Webhook-Token": "x" * 513}),
        request(query="auth_token=secret&token=secret"),
    ],
    ids=["none", "digest", "empty", "no base64", "no utf-8", "too long", "query"],
)
def test_nothing_else_is_one(one: Request) -> None:
    assert [] == tokens_of(one, "datadog")


def test_google_alone_may_ask_with_it() -> None:
    """Its channel has no other way; a query is the first to be logged elsewhere."""
    asked = request(query="auth_token=secret")

    assert (["secret"], []) == (tokens_of(asked, "gcp"), tokens_of(asked, "grafana"))


def test_a_proxys_own_authorization_hides_no_token() -> None:
    """Pub/Sub sends a bearer of Google's own; the path has ours."""
    both = request({"Authorization": "Bearer theirs"}, token="ours")  # noqa: S106

    assert is_token(tokens_of(both, "gcp"), [digest_of("ours")])


def test_either_of_two_tokens_is_right() -> None:
    digests = [digest_of("old"), digest_of("new")]
    given = [["old"], ["new"], ["no", "new"], ["no"], [], ["né"]]

    assert [True, True, True, False, False, False] == [
        is_token(one, digests) for one in given
    ]
    assert not is_token(["old"], [])


@pytest.mark.parametrize(
    ("source", "header"),
    [
        ("pagerduty", "X-PagerDuty-Signature"),
        ("sentry", "Sentry-Hook-Signature"),
        ("grafana", "X-Grafana-Alerting-Signature"),
        ("zendesk", "X-Zendesk-Webhook-Signature"),
        ("cloudwatch", "x-amz-sns-message-type"),
    ],
)
def test_a_signature_is_seen_by_its_header(source: str, header: str) -> None:
    """Another vendor's header is none: its body is not read for it."""
    signed = request({header: "v1=0"})

    assert brings_signature(signed, source)
    assert not brings_signature(signed, "alertmanager")
    assert not brings_signature(request(), source)


def test_who_signs_with_a_secret() -> None:
    assert {"grafana", "pagerduty", "sentry", "zendesk"} == set(VERIFIERS)


def test_a_query_may_have_fields_but_no_secret() -> None:
    """Neither the token that opened, by any name, nor what is called one."""
    asked = request(query="a=1&a=2&k=ours&auth_token=x&APIKEY=y", token="ours")  # noqa: S106

    assert {"a": "2"} == fields_of(asked, "uptimerobot")


def test_a_query_beside_a_signature_says_nothing() -> None:
    """Nobody signed it."""
    signed = request({"Sentry-Hook-Signature": "0"}, query="a=1")

    assert {} == fields_of(signed, "sentry")
