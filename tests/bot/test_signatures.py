"""Vendors' signatures: their own pass, and nothing else does."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from bot.signatures import (
    SNS_STALE_SECONDS,
    STALE_SECONDS,
    BadSignature,
    Signed,
    is_sns_address,
    verify_grafana,
    verify_pagerduty,
    verify_sentry,
    verify_sns,
    verify_zendesk,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BODY = b'{"a":"b"}'
SECRET, OLD = "of-now", "of-before"
Verify = Callable[[Signed, Sequence[str]], None]


def mac(secret: str, message: bytes) -> bytes:
    """RFC 2104, written out: the two pads of a block, and no ``hmac`` of Python's."""
    key = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def pagerduty(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={mac(secret, body).hex()}"}


def sentry(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"Sentry-Hook-Signature": mac(secret, body).hex()}


def grafana(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"x-grafana-alerting-signature": mac(secret, body).hex()}


def grafana_timed(
    secret: str, body: bytes = BODY, at: datetime = NOW
) -> dict[str, str]:
    said = f"{at.timestamp():.0f}"
    return {
        "X-Grafana-Alerting-Signature": mac(secret, said.encode() + b":" + body).hex(),
        "X-Grafana-Alerting-Signature-Timestamp": said,
    }


def zendesk(secret: str, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    said = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made = base64.b64encode(mac(secret, said.encode() + body))
    return {
        "X-Zendesk-Webhook-Signature": made.decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": said,
    }


VENDORS = [
    pytest.param(verify_pagerduty, pagerduty, id="pagerduty"),
    pytest.param(verify_sentry, sentry, id="sentry"),
    pytest.param(verify_grafana, grafana, id="grafana"),
    pytest.param(verify_grafana, grafana_timed, id="grafana, timed"),
    pytest.param(verify_zendesk, zendesk, id="zendesk"),
]
TIMED = VENDORS[3:]
Sign = Callable[..., dict[str, str]]


def check(
    verify: Verify, headers: dict[str, str], body: bytes = BODY, *secrets: str
) -> None:
    verify(Signed(headers, body, NOW), secrets or (SECRET, OLD))


def flipped(body: bytes) -> Iterator[bytes]:
    """Give the body with each of its bytes changed, dropped and doubled in turn."""
    for place in range(len(body)):
        head, byte, tail = body[:place], body[place], body[place + 1 :]
        yield head + bytes([byte ^ 1]) + tail
        yield head + tail
        yield head + bytes([byte, byte]) + tail


def test_the_tests_own_mac_is_the_standards() -> None:
    """Test case 2 of RFC 4231."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert expected == mac("Jefe", b"what do ya want for nothing?").hex()
    assert hmac.new(b"Jefe", BODY, "sha256").digest() == mac("Jefe", BODY)


@pytest.mark.parametrize(("verify", "sign"), VENDORS)
@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_a_vendors_signature_passes(verify: Verify, sign: Sign, secret: str) -> None:
    """By either secret while one replaces the other."""
    check(verify, sign(secret))
    with pytest.raises(BadSignature, match="any of the secrets"):
        check(verify, sign("of-nobody"))


@pytest.mark.parametrize(("verify", "sign"), VENDORS)
def test_no_other_body_passes(verify: Verify, sign: Sign) -> None:
    """Not with one byte changed, dropped or doubled."""
    for body in flipped(BODY):
        if body != BODY:
            with pytest.raises(BadSignature):
                check(verify, sign(SECRET), body)


@pytest.mark.parametrize(("verify", "sign"), VENDORS)
def test_no_other_header_passes(verify: Verify, sign: Sign) -> None:
    """Not changed by one character, empty, missing, or beyond ASCII."""
    for name, value in sign(SECRET).items():
        last = "0" if value[-1] != "0" else "1"
        changed = [value[:-1] + last, value[:-1], "", "é" * 64, "v1=", "\0"]
        for other in changed if "Timestamp" not in name else changed[2:4]:
            with pytest.raises(BadSignature):
                check(verify, {**sign(SECRET), name: other})
    with pytest.raises(BadSignature, match="is missing"):
        check(verify, {})


@pytest.mark.parametrize(("verify", "sign"), VENDORS)
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_nothing_passes(
    verify: Verify, sign: Sign, secrets: tuple[str, ...]
) -> None:
    """Least of all what is signed with the empty one."""
    with pytest.raises(BadSignature, match="no secret"):
        verify(Signed(sign(""), BODY, NOW), secrets)


@pytest.mark.parametrize(("verify", "sign"), TIMED)
@pytest.mark.parametrize("seconds", [-STALE_SECONDS, 0, STALE_SECONDS])
def test_a_fresh_timestamp_passes(verify: Verify, sign: Sign, seconds: int) -> None:
    """Five minutes either way: clocks differ."""
    check(verify, sign(SECRET, at=NOW + timedelta(seconds=seconds)))
    with pytest.raises(BadSignature, match="301 s from now"):
        check(verify, sign(SECRET, at=NOW + timedelta(seconds=STALE_SECONDS + 1)))
    with pytest.raises(BadSignature, match="301 s from now"):
        check(verify, sign(SECRET, at=NOW - timedelta(seconds=STALE_SECONDS + 1)))


@pytest.mark.parametrize(("verify", "sign"), TIMED)
def test_a_timestamp_can_not_be_exchanged(verify: Verify, sign: Sign) -> None:
    """It is signed: neither another nor none will do."""
    signed, other = sign(SECRET), sign(SECRET, at=NOW + timedelta(seconds=1))
    name = next(name for name in signed if name.endswith("Timestamp"))
    for headers in (
        {**signed, name: other[name]},
        {**signed, name: "soon"},
        {key: value for key, value in signed.items() if key != name},
    ):
        with pytest.raises(BadSignature):
            check(verify, headers)


TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"
ADDRESS = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Key, *, days: int = 1) -> bytes:
    name = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def message(key: rsa.RSAPrivateKey, version: str = "2", **changes: object) -> bytes:
    """Sign as Amazon documents it: names and values on lines, in alphabetic order."""
    fields: dict[str, object] = {
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": TOPIC,
        "Subject": "ALARM",
        "Message": "line\nline",
        "Timestamp": "2026-01-02T03:04:05.000Z",
        "SigningCertURL": ADDRESS,
        **changes,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    signed = sorted(set(fields) - {"SigningCertURL"})
    text = "".join(f"{name}\n{fields[name]}\n" for name in signed)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303
    signature = key.sign(text.encode(), padding.PKCS1v15(), algorithm)
    proof = base64.b64encode(signature).decode()
    return json.dumps(
        {**fields, "Signature": proof, "SignatureVersion": version}
    ).encode()


async def check_sns(
    body: bytes, pem: bytes, *, topics: Sequence[str] = (TOPIC,)
) -> list[str]:
    """Verify, and give the addresses that were fetched."""
    fetched: list[str] = []

    async def fetch(address: str) -> bytes:
        fetched.append(address)
        return pem

    await verify_sns(Signed({}, body, NOW), topics, fetch)
    return fetched


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["ALARM", None])
async def test_a_message_of_sns_passes(
    key: rsa.RSAPrivateKey, version: str, subject: str | None
) -> None:
    """By SHA-1 or SHA-256, with a subject and without; the certificate is fetched."""
    body = message(key, version, Subject=subject)

    assert [ADDRESS] == await check_sns(body, certificate(key))


@pytest.mark.parametrize(
    "kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"]
)
async def test_a_subscription_of_sns_passes(key: rsa.RSAPrivateKey, kind: str) -> None:
    """Its token and address are signed, a subject is not."""
    address = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
    body = message(key, Type=kind, Subject=None, Token="t", SubscribeURL=address)  # noqa: S106
    await check_sns(body, certificate(key))
    elsewhere = body.replace(b"ConfirmSubscription", b"DeleteTopic")

    with pytest.raises(BadSignature, match="not of this message"):
        await check_sns(elsewhere, certificate(key))


async def test_no_byte_of_a_signed_field_may_change(key: rsa.RSAPrivateKey) -> None:
    """Nor may a subject be taken away or added."""
    whole = json.loads(message(key))
    pem = certificate(key)
    for name in ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"):
        for place in range(len(whole[name])):
            changed = whole[name][:place] + "#" + whole[name][place + 1 :]
            with pytest.raises(BadSignature):
                await check_sns(json.dumps({**whole, name: changed}).encode(), pem)
    without = {name: value for name, value in whole.items() if name != "Subject"}
    with pytest.raises(BadSignature):
        await check_sns(json.dumps(without).encode(), pem)


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://user@sns.eu-west-1.amazonaws.com/a.pem",
        "https://s3.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu.west.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://sns.eu-west-1.amazonaws.com/?a=.pem",
        "https://[",
        "",
    ],
)
async def test_no_other_host_is_asked_for_a_certificate(
    key: rsa.RSAPrivateKey, address: str
) -> None:
    """Whoever could name one would sign for Amazon."""

    async def fetch(asked: str) -> bytes:
        raise AssertionError(asked)

    body = message(key, SigningCertURL=address)
    with pytest.raises(BadSignature, match="SigningCertURL"):
        await verify_sns(Signed({}, body, NOW), [TOPIC], fetch)


def test_chinas_hosts_are_amazons_too() -> None:
    assert is_sns_address("https://sns.cn-north-1.amazonaws.com.cn/a.pem")
    assert not is_sns_address("https://sns.cn-north-1.amazonaws.com.cn.cn/a.pem")


@pytest.mark.parametrize("topics", [(), ("arn:aws:sns:eu-west-1:1:another",)])
async def test_amazon_signs_anybodys_topic(
    key: rsa.RSAPrivateKey, topics: tuple[str, ...]
) -> None:
    """So only ours are taken; of none, none."""
    with pytest.raises(BadSignature, match="not this endpoint's"):
        await check_sns(message(key), certificate(key), topics=topics)


@pytest.mark.parametrize(
    ("seconds", "passes"),
    [(SNS_STALE_SECONDS, True), (SNS_STALE_SECONDS + 1, False)],
)
async def test_sns_delivers_for_an_hour(
    key: rsa.RSAPrivateKey, *, seconds: int, passes: bool
) -> None:
    """It signs once, and tries again; later it is somebody else who does."""
    sent = (NOW - timedelta(seconds=seconds)).isoformat()
    body = message(key, Timestamp=sent)
    if passes:
        await check_sns(body, certificate(key))
        return
    with pytest.raises(BadSignature, match="s from now"):
        await check_sns(body, certificate(key))


async def test_a_certificate_is_valid_now_and_rsa(key: rsa.RSAPrivateKey) -> None:
    """And another's is another's."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    for pem, why in (
        (certificate(stranger), "not of this message"),
        (certificate(key, days=-1), "not valid now"),
        (certificate(curve), "no RSA key"),
        (b"no certificate", "no certificate"),
        (b"", "no certificate"),
    ):
        with pytest.raises(BadSignature, match=why):
            await check_sns(message(key), pem)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"Type": "Notification"}',
        b'{"Type": 7}',
        b'{"Type": "Other"}',
    ],
)
async def test_what_is_no_message_of_sns_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature, match="no message of Amazon SNS"):
        await check_sns(body, b"")


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature": "é"},
        {"Signature": None},
        {"SignatureVersion": "3"},
        {"Message": "\ud800"},
    ],
)
async def test_a_half_message_is_refused(
    key: rsa.RSAPrivateKey, changes: dict[str, object]
) -> None:
    body = json.dumps({**json.loads(message(key)), **changes}).encode()
    with pytest.raises(BadSignature):
        await check_sns(body, certificate(key))
