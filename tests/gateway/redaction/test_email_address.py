"""Addresses in every place that logs put them, and what only looks like one."""

import pytest

from gateway.redaction.email_address import email_addresses
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in email_addresses(text)]


@pytest.mark.parametrize(
    "address",
    [
        "kim@example.org",
        "kim.lee+tag@mail.example.co.uk",
        "k_l-m@xn--bcher-kva.example",
        "jürgen@exämple.de",
        "пётр@пример.рф",
        "用户@例子.公司",
        "संपर्क@उदाहरण.भारत",
        '"kim lee"@example.org',
        "kim@[192.0.2.1]",
    ],
)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("", ""),
        ("wrote ", " today"),
        ("to=<", ">,"),
        ('{"to":"', '"}'),
        ("GET /reset?mail=", "&x=1"),
        ("mailto:", "?subject=hi"),
        ("(", ")."),
        ("user ", ", who"),
        ("a;", ";b"),
    ],
)
def test_an_address_is_found_alone(address: str, left: str, right: str) -> None:
    """Without its key, its brackets, the dot of its sentence."""
    assert [address] == found(f"{left}{address}{right}")


@pytest.mark.parametrize(
    "text",
    [
        "ssh deploy@ip-10-0-0-1",
        "@company/pkg@1.2.3",
        "repo/app@sha256:0123",
        "getty@tty1.service",
        "git@code.example.org:team/app.git",
        "logo@2x.png",
        "@ @@ a@ @b.c",
        "x@1.2.3",
    ],
)
def test_what_is_no_address_is_left(text: str) -> None:
    assert [] == found(text)


@pytest.mark.parametrize(
    "local", ["bounces+12-kim=example.org", "SRS0=hh=tt=example.org=kim", "prvs=1=kim"]
)
def test_a_return_path_is_hidden_whole(local: str) -> None:
    """It holds the address of whom the message was for."""
    assert [f"{local}@mx.example.net"] == found(f"from <{local}@mx.example.net>")
    assert ["kim@example.org"] == found("to=kim@example.org")


def test_two_addresses_are_two() -> None:
    assert ["a@b.de", "c@d.fr"] == found("a@b.de,c@d.fr")


@pytest.mark.parametrize("escape", [r"\n", r"\t", r"\r\n", r"\x0a", r"\u000a"])
def test_an_escape_is_no_part_of_an_address(escape: str) -> None:
    """As logfmt and Python write it: else one person would be two, and a stranger."""
    text = f'msg="Dear customer,{escape}kim@example.org asked" user=kim@example.org'
    placeholders = Placeholders(key=b"k")

    assert 2 == redact_text(text, placeholders).count("⟨email:1⟩")
    assert ["kim@example.org"] == [value for *_, value in placeholders.fresh]


def test_an_account_behind_its_domain_is_whole() -> None:
    """Windows writes it so."""
    placeholders = Placeholders(key=b"k")

    assert "⟨email:1⟩" in redact_text(r"CORP\nancy@example.org", placeholders)
    assert ["nancy@example.org"] == [value for *_, value in placeholders.fresh]
