"""Amazon SNS as the web process sees it: it signs, and answers at its addresses."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.sns import SnsAway

HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-{'0' * 32}.pem"
SUBSCRIBE = f"{HOST}/?Action=ConfirmSubscription&Token=t"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
_SIGNED = {
    "Notification": ("Message", "MessageId", "Timestamp", "TopicArn", "Type"),
    "": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_ALARM = {
    "AlarmName": "feed is slow",
    "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:feed",
    "NewStateValue": "ALARM",
    "StateChangeTime": "2026-01-02T03:04:05.000+0000",
}


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Amazon:
    """``asked`` has the addresses that somebody got; ``is_away``: it gives none."""

    key: rsa.RSAPrivateKey = field(default_factory=_key)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    async def get(self, address: str) -> bytes:
        self.asked.append(address)
        if self.is_away:
            raise SnsAway("Amazon SNS gave no answer: a test")
        return self.certificate() if address.endswith(".pem") else b"<Confirmed/>"

    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns")])
        now = datetime.now(UTC)  # noqa: TID251 - a certificate of today
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        made = made.public_key(self.key.public_key()).serial_number(1)
        made = made.not_valid_before(now - timedelta(days=2))
        made = made.not_valid_after(now + timedelta(days=2))
        signed = made.sign(self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def message(
        self, sent_at: datetime, kind: str = "Notification", **changes: str
    ) -> bytes:
        """Sign a message of SNS's."""
        fields = {
            "Type": kind,
            "MessageId": "1",
            "TopicArn": TOPIC,
            "Message": json.dumps(_ALARM),
            "Timestamp": sent_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SigningCertURL": CERTIFICATE,
            "SignatureVersion": "2",
            **changes,
        }
        if kind != "Notification":
            fields = {"Token": "t", "SubscribeURL": SUBSCRIBE, **fields}
        names = _SIGNED.get(kind, _SIGNED[""])
        text = "".join(f"{name}\n{fields[name]}\n" for name in names)
        made = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return json.dumps(
            {**fields, "Signature": base64.b64encode(made).decode()}
        ).encode()
