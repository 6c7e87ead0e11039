"""
Whether a vendor really sent this: the signatures that webhooks come with.

Pure functions: headers, the raw body, the secrets and the time go in; what is not
proven raises. Two secrets are valid while one replaces the other. Without a secret
nothing is proven.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.alerts.moments import moment

# A signed timestamp further from now than this was sent again by somebody else.
STALE_SECONDS = 300
# Amazon SNS signs a message once and delivers it for up to an hour
# (its delivery policy's longest total retry time, 3,600 s).
SNS_STALE_SECONDS = 3600 + STALE_SECONDS
_MOST_SIGNATURES = 10
_GRAFANA_TIMESTAMPS = (
    "x-grafana-alerting-signature-timestamp",
    "x-grafana-alerting-timestamp",
)
_SNS_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SNS_NOTIFICATION = (
    "Message",
    "MessageId",
    "Subject",
    "Timestamp",
    "TopicArn",
    "Type",
)
_SNS_SUBSCRIPTION = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
_SNS_FIELDS = {
    "Notification": _SNS_NOTIFICATION,
    "SubscriptionConfirmation": _SNS_SUBSCRIPTION,
    "UnsubscribeConfirmation": _SNS_SUBSCRIPTION,
}

# Gives the PEM of a certificate behind an https address on a pinned host.
FetchCertificate = Callable[[str], Awaitable[bytes]]


class BadSignature(Exception):
    """It is not proven that the vendor sent this; the message says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: its raw body, and when it was received (aware)."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def find(self, *names: str) -> str | None:
        """Give the first header of these names (lower case) that is there."""
        found = {name.lower(): value for name, value in self.headers.items()}
        return next((found[name] for name in names if found.get(name)), None)

    def get(self, name: str) -> str:
        """
        Give a header.

        Raises:
            BadSignature: there is none.
        """
        said = self.find(name.lower())
        if said is None:
            raise BadSignature(f"the header {name} is missing")
        return said.strip()


def verify_pagerduty(request: Signed, secrets: Sequence[str]) -> None:
    """
    ``X-PagerDuty-Signature: v1=hex,v1=hex``, one for each secret there; no timestamp.

    Raises:
        BadSignature: none of them is of this body.
    """
    said = request.get("X-PagerDuty-Signature").split(",")[:_MOST_SIGNATURES]
    given = [one.strip()[3:] for one in said if one.strip().startswith("v1=")]
    _require(given, [_mac(one, request.body).hex() for one in _usable(secrets)])


def verify_sentry(request: Signed, secrets: Sequence[str]) -> None:
    """
    ``Sentry-Hook-Signature``: hex over the body; its timestamp is not signed.

    Raises:
        BadSignature: it is not of this body.
    """
    given = request.get("Sentry-Hook-Signature")
    _require([given], [_mac(one, request.body).hex() for one in _usable(secrets)])


def verify_grafana(request: Signed, secrets: Sequence[str]) -> None:
    """
    ``X-Grafana-Alerting-Signature``: hex over the body, or over ``timestamp:body``.

    The timestamp's header is named in the contact point; Grafana's documents name it
    after the signature's.

    Raises:
        BadSignature: it is not of this body, or its timestamp is stale.
    """
    given = request.get("X-Grafana-Alerting-Signature")
    timestamp = request.find(*_GRAFANA_TIMESTAMPS)
    message = request.body
    if timestamp is not None:
        _require_fresh(timestamp, request.received_at, STALE_SECONDS)
        message = timestamp.encode("utf-8", "replace") + b":" + message
    _require([given], [_mac(one, message).hex() for one in _usable(secrets)])


def verify_zendesk(request: Signed, secrets: Sequence[str]) -> None:
    """
    ``X-Zendesk-Webhook-Signature``: Base64 over the timestamp and the body behind it.

    Raises:
        BadSignature: it is not of this body, or its timestamp is stale.
    """
    given = request.get("X-Zendesk-Webhook-Signature")
    timestamp = request.get("X-Zendesk-Webhook-Signature-Timestamp")
    _require_fresh(timestamp, request.received_at, STALE_SECONDS)
    message = timestamp.encode("utf-8", "replace") + request.body
    made = [base64.b64encode(_mac(one, message)).decode() for one in _usable(secrets)]
    _require([given], made)


async def verify_sns(
    request: Signed, topics: Sequence[str], fetch: FetchCertificate
) -> None:
    """
    Amazon SNS's RSA signature over some fields of the body, of a topic that is ours.

    Amazon signs anybody's topic, so the topic is what is trusted: without one in
    ``topics`` nothing is. ``fetch`` is called for a pinned host's certificate, and only
    once all else is in order.

    Raises:
        BadSignature: wrong topic, host, timestamp, certificate or signature.
    """
    message = _fields(request.body)
    if message["TopicArn"] not in topics:
        raise BadSignature(f"topic {message['TopicArn'][:200]} is not this endpoint's")
    _require_fresh(message["Timestamp"], request.received_at, SNS_STALE_SECONDS)
    address = message.get("SigningCertURL", "")
    if not is_sns_address(address) or not urlsplit(address).path.endswith(".pem"):
        raise BadSignature("SigningCertURL is no certificate on a host of Amazon SNS")
    signed = _canonical(message)
    signature = _decoded(message.get("Signature", ""))
    key = _public_key(await fetch(address), request.received_at)
    try:
        key.verify(signature, signed, padding.PKCS1v15(), _hash(message))
    except InvalidSignature as exc:
        raise BadSignature("the signature is not of this message") from exc


def is_sns_address(address: str) -> bool:
    """
    Tell https on a host of Amazon SNS, on no other port and with no user.

    Whoever follows a ``SubscribeURL`` asks this first.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and parts.netloc == parts.hostname
        and port is None
        and _SNS_HOST.fullmatch(parts.netloc) is not None
        and address.isascii()
        and address.isprintable()
    )


def _usable(secrets: Sequence[str]) -> list[str]:
    found = [secret for secret in secrets if secret]
    if not found:
        raise BadSignature("this endpoint has no secret to check a signature with")
    return found


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, sha256).digest()


def _require(given: Sequence[str], made: Sequence[str]) -> None:
    """Compare all with all, whatever matches first, in constant time each."""
    same = [
        hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
        for one in given
        for other in made
    ]
    if not any(same):
        raise BadSignature("the signature is not of this body and any of the secrets")


def _require_fresh(said: str, now: datetime, seconds: int) -> None:
    sent_at = moment(said)
    if sent_at is None:
        raise BadSignature("the signature's timestamp is no instant")
    away = abs((now - sent_at).total_seconds())
    if away > seconds:
        raise BadSignature(
            f"the signature's timestamp is {away:.0f} s from now, at most {seconds}"
        )


def _fields(body: bytes) -> dict[str, str]:
    """Give the body's texts, of which those that are always signed are there."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadSignature("the body is no message of Amazon SNS: not JSON") from exc
    found = read if isinstance(read, dict) else {}
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    names = _SNS_FIELDS.get(texts.get("Type", ""), _SNS_NOTIFICATION)
    missing = [name for name in names if name not in texts and name != "Subject"]
    if missing or texts["Type"] not in _SNS_FIELDS:
        lacking = ", ".join(missing) or "a known Type"
        raise BadSignature(f"the body is no message of Amazon SNS: it has no {lacking}")
    return texts


def _canonical(message: Mapping[str, str]) -> bytes:
    names = _SNS_FIELDS[message["Type"]]
    lines = [f"{name}\n{message[name]}\n" for name in names if name in message]
    try:
        return "".join(lines).encode()
    except UnicodeEncodeError as exc:
        raise BadSignature("the message has half of a character") from exc


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadSignature("Signature is no Base64") from exc


def _hash(message: Mapping[str, str]) -> hashes.HashAlgorithm:
    version = message.get("SignatureVersion")
    if version == "2":
        return hashes.SHA256()
    if version == "1":
        return hashes.SHA1()  # noqa: S303 - Amazon's version 1, and its default
    raise BadSignature("SignatureVersion is neither 1 nor 2")


def _public_key(pem: bytes, now: datetime) -> rsa.RSAPublicKey:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except ValueError as exc:
        raise BadSignature("what SigningCertURL gives is no certificate") from exc
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BadSignature("Amazon's certificate is not valid now")
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadSignature("Amazon's certificate has no RSA key")
    return key
