"""What keys say, in every spelling that APIs use."""

import json

import pytest

from gateway.redaction.keys import (
    is_display_name,
    is_faint,
    is_form,
    is_host_key,
    is_session_id,
    is_user_key,
    kind_of_key,
    kind_under,
    may_name_host,
)
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.redaction.span import Kind, Policy


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ("email e-mail E_Mail emailAddress customerEmails primary_email", Kind.EMAIL),
        (
            "phone phoneNumber mobile_no cellPhone MSISDN contact.tel whatsApp",
            Kind.PHONE,
        ),
        ("address shippingAddress address-line-1 street2 zipCode addr", Kind.ADDRESS),
        ("firstName last_name full-name requester_name displayName", Kind.NAME),
        ("dob dateOfBirth birth_date birthday", Kind.BIRTH),
        ("password DB_PASSWORD apiKey x-api-key access_token secret", Kind.SECRET),
        ("clientSecret Set-Cookie private_key authorization jwt", Kind.SECRET),
        ("pass DB_PASS SMTP_PASS PGPASSWORD SECRET_KEY_BASE JSESSIONID", Kind.SECRET),
        ("sessionid authtoken", Kind.SECRET),
        (
            "session session_id userSessionId connect.sid csrf _xsrf xsrfToken",
            Kind.SECRET,
        ),
        ("Passwort contraseña senha пароль 密码 db.пароль", Kind.SECRET),
        ("Vorname kundenNachname prénom nombre имя 姓名", Kind.NAME),
        ("Geburtsdatum", Kind.BIRTH),
        ("Straße strasse", Kind.ADDRESS),
        ("电话", Kind.PHONE),
        ("cardNumber card_no pan creditCard", Kind.CARD),
        ("ssn nationalId taxId iban passport_number", Kind.NATIONAL_ID),
    ],
)
def test_a_telling_key(keys: str, kind: Kind) -> None:
    assert {kind} == {kind_of_key(key) for key in keys.split()}


@pytest.mark.parametrize(
    "key",
    [
        "name",
        "pod_name",
        "email_template",
        "remoteAddress",
        "ip_address",
        "mac-addr",
        "next_page_token",
        "max_tokens",
        "primary_key",
        "phone_verified_at",
        "secret_name",
        "key_base",
        "bypass",
        "session_count",
        "passes",
        "⟨email:1⟩",
        "⟨card⟩",
        "",
        "_",
        "123",
    ],
)
def test_a_key_that_only_sounds_alike(key: str) -> None:
    assert kind_of_key(key) is None


def test_keys_for_policy() -> None:
    """IP addresses and ids of users count only where policy asks."""
    assert is_host_key("clientIp")
    assert not is_host_key("recipient")
    assert is_user_key("userId")
    assert is_user_key("uid")
    assert not is_user_key("pod_id")


def test_policy_adds_kinds_to_keys() -> None:
    both = Policy(redact_ip=True, redact_user_id=True)

    assert (None, Kind.IP) == (
        kind_under("client_ip", Policy()),
        kind_under("client_ip", both),
    )
    assert Kind.USER_ID is kind_under("userId", both)
    assert Kind.PHONE is kind_under("phone", both)


def test_a_faint_key_names_other_things_as_often() -> None:
    assert is_faint("sid")
    assert is_faint("userSession")
    assert not is_faint("session_token")


def test_a_sessions_id_is_not_always_its_token() -> None:
    assert is_session_id("userSessionId")
    assert not is_session_id("sessionid")


def test_a_form_says_nothing_of_its_own() -> None:
    assert is_form("value")
    assert is_form("rawValue")
    assert not is_form("valued_customer")


def test_a_dashboard_has_a_display_name_too() -> None:
    assert is_display_name("displayName")
    assert kind_of_key("resource_display_name") is None


def test_an_address_may_be_a_hosts() -> None:
    assert may_name_host("addr")
    assert not may_name_host("street")


def test_json_within_a_key_names_nothing() -> None:
    """Else what is taken out of it would change what it names."""
    text = json.dumps({'got {"to": "\u27e8email:2\u27e9", "first_name": "Kim"}': 1})
    placeholders = Placeholders(key=b"k")
    once = redact_text(text, placeholders)

    assert kind_of_key('{"first_name"') is None
    assert "Kim" not in once
    assert once == redact_text(once, placeholders)
