"""What a request brings to prove who sent it: tokens, or a vendor's signature."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request

from bot.signatures import (
    Signed,
    verify_grafana,
    verify_pagerduty,
    verify_sentry,
    verify_zendesk,
)
from storage.endpoints import digest_of

Verify = Callable[[Signed, Sequence[str]], None]

# The sources whose vendor signs with a secret, and by what.
VERIFIERS: Mapping[str, Verify] = {
    "grafana": verify_grafana,
    "pagerduty": verify_pagerduty,
    "sentry": verify_sentry,
    "zendesk": verify_zendesk,
}
# Amazon SNS says in a header what it delivers: sns, "HTTP/HTTPS headers".
_SIGNED_HEADERS: Mapping[str, str] = {
    "cloudwatch": "x-amz-sns-message-type",
    "grafana": "x-grafana-alerting-signature",
    "pagerduty": "x-pagerduty-signature",
    "sentry": "sentry-hook-signature",
    "zendesk": "x-zendesk-webhook-signature",
}
# Google Cloud Monitoring's webhook_tokenauth channel adds its token to the query.
_TOKEN_QUERIES: Mapping[str, str] = {"gcp": "auth_token"}
_MOST_CHARACTERS = 512
_SECRETS = re.compile("token|secret|password|api_?key", re.IGNORECASE)


def brings_signature(request: Request, source: str) -> bool:
    """Tell whether the body must be read before anything can be proven."""
    header = _SIGNED_HEADERS.get(source)
    return header is not None and bool(request.headers.get(header))


def tokens_of(request: Request, source: str) -> list[str]:
    """
    Give whatever may be the endpoint's token.

    ``Authorization: Bearer`` or ``Basic`` (as the password), ``X-Webhook-Token``, the
    path's last part, and the query of a vendor that can do no better.
    """
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    asked = _TOKEN_QUERIES.get(source)
    found = [
        said.strip() if scheme.lower() == "bearer" else "",
        _password(said.strip()) if scheme.lower() == "basic" else "",
        request.headers.get("x-webhook-token", "").strip(),
        str(request.path_params.get("token", "")),
        request.query_params.get(asked, "") if asked else "",
    ]
    return [one for one in found if 0 < len(one) <= _MOST_CHARACTERS]


def fields_of(request: Request, source: str) -> dict[str, str]:
    """
    Give the query's fields, of a name the last, without what may be a secret.

    None beside a vendor's signature, which is over the body alone.
    """
    if brings_signature(request, source):
        return {}
    tokens = {*tokens_of(request, source)}
    return {
        name: said
        for name, said in request.query_params.items()
        if said not in tokens and not _SECRETS.search(name)
    }


def is_token(tokens: Sequence[str], digests: Sequence[str]) -> bool:
    """Compare all with all in constant time, whatever matches first."""
    made = [digest_of(token) for token in tokens]
    same = [hmac.compare_digest(one, other) for one in made for other in digests]
    return any(same)


def _password(basic: str) -> str:
    try:
        pair = base64.b64decode(basic[: 2 * _MOST_CHARACTERS], validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
