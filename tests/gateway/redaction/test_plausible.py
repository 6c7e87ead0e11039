"""What a telling key's value could be: labels on one side, people on the other."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Form
from phonenumbers import example_number, format_number

from gateway.redaction.plausible import is_no_value, is_value
from gateway.redaction.span import Kind

MAIL = "kim.lee@example.org"


@pytest.mark.parametrize(
    "value",
    [
        "555 0199",
        "0171/555-01-99",
        "(02 12) 12.34.56",
        "+44 20 7946 0018",
        "tel:+44-20-7946-0018;ext=2",
        "4711",
        "ext 4711",
        "x204",
        "Durchwahl 12",
        "Ann's desk, #2044",
        "Kim: 555 0199 after six",
        "1-800-FLOWERS",
        "٠٢٠٧٩٤٦٠٠١٨",
        "o2o 7946 oo18, 55 mobile 12",
        "five five five, oh one nine nine",
        "%2B442079460018",
        b64encode(b"020 7946 0018").decode(),
        "07:11:55:50:19",
        "22.33.44.55",
    ],
)
def test_a_phone_has_digits_however_written(value: str) -> None:
    assert is_value(Kind.PHONE, value, "phone")


@pytest.mark.parametrize(
    "value",
    [
        "cell-3",
        "us-east-1-cell-0012",
        "ios",
        "iOS 17.4.12",
        "iPhone 15 Pro",
        "android-14",
        "enabled",
        "verified",
        "17",
        "63.5",
        "110",
        "10.0.0.1:5060",
        "10.0.0.1",
        "sip-gw-2",
        "⟨phone:12345⟩",
    ],
)
def test_a_label_is_no_phone(value: str) -> None:
    assert not is_value(Kind.PHONE, value, "mobile")


@given(st.sampled_from(["DE", "US", "FR", "JP", "BR", "NG", "SB", "TO", "NO"]))
def test_every_written_form_is_a_phone(region: str) -> None:
    """Also of regions whose numbers are short."""
    number = example_number(region)

    assert number is not None
    for form in (Form.E164, Form.INTERNATIONAL, Form.NATIONAL, Form.RFC3966):
        assert is_value(Kind.PHONE, format_number(number, form), "cell")


@pytest.mark.parametrize(
    "value",
    [
        MAIL,
        "Kim Lee <kim.lee@example.org>",
        "k***@example.org",
        "kim.lee@",
        "kim.lee%40example.org",
        "kim.lee%2540example.org",
        "kim.lee\\u0040example.org",
        "kim.lee&#64;example.org",
        "kim.lee=40example.org",
        "kim.lee [at] example.org",
        "kim at example dot org",
        "kim\uff20example.org",
        b64encode(MAIL.encode()).decode(),
        b64encode(b"a@b.co").decode(),
        MAIL.encode().hex(),
        "5d41402abc4b2a76b9719d911017c592",
        "4f1c3a52-9f6e-4c0e-8a41-0d4f5c2a9b10",
    ],
)
def test_an_email_address_has_its_at_or_is_encoded(value: str) -> None:
    """A digest of one is as good as one: the same person has the same."""
    assert is_value(Kind.EMAIL, value, "mail")


@pytest.mark.parametrize(
    "value",
    [
        "smtp-out",
        "smtp.example.org:25",
        "enabled",
        "mail-7d9f8b6c5d-x2k4q",
        "/var/mail/spool/queue01",
        "INBOX",
        "mail_template_2024_v2",
        "internationalization",
        "⟨email:1⟩",
    ],
)
def test_a_label_is_no_email_address(value: str) -> None:
    assert not is_value(Kind.EMAIL, value, "mail")


@pytest.mark.parametrize(
    "value",
    [
        "checkout",
        "10.0.0.1:9090",
        "[::1]:8080",
        "*:8080",
        ":9090",
        "unix:///run/x.sock",
        "/run/x.sock",
        "10.0.0.1:1, 10.0.0.2:1;db.example.org:1",
        "amqp://guest@mq.svc:5672/vhost",
        "00:1b:44:11:3a:b7",
        "0x7fffd3a1",
    ],
)
def test_a_host_is_no_home(value: str) -> None:
    """But under a key that names homes alone, a word is."""
    assert not is_value(Kind.ADDRESS, value, "address")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("street", "Birch"),
        ("home_address", "Birchcroft"),
        ("address", "Birch Row 3"),
        ("address", "Birchstr.5"),
        ("address", "Birch,Hull"),
        ("address", "北京市朝阳区建国路87号"),
        ("addr", "Birch Row\nHull"),
    ],
)
def test_a_home_is_no_host(key: str, value: str) -> None:
    assert is_value(Kind.ADDRESS, value, key)


def test_a_long_value_is_judged_in_linear_time() -> None:
    """Nothing is tried twice, whatever it repeats."""
    for unit in ("a:1,", "1.1.", "A1", "at ", "one ", "%25", "x1"):
        for kind in (Kind.PHONE, Kind.EMAIL, Kind.ADDRESS):
            assert is_value(kind, f"{unit * 100_000}!@ Birch 5550199", "address")


def test_a_birth_has_a_digit_or_words() -> None:
    assert is_value(Kind.BIRTH, "first of May", "dob")
    assert is_value(Kind.BIRTH, "1990", "dob")
    assert not is_value(Kind.BIRTH, "enabled", "birthday")


def test_a_placeholder_is_no_value() -> None:
    assert is_no_value(" ⟨email:1⟩ ")
    assert not is_no_value("⟨email:1⟩ kim")
