"""Evidence is found whole, in the forms of its standards."""

import pytest

from gateway.redaction.shields import addresses_of_hosts, begins_evidence, shields

EVIDENCE = [
    "2031-04-05T06:07:08.123Z",
    "2031-04-05 06:07:08,123",
    "05/Apr/2031:06:07:08 +0000",
    "20310405T060708Z",
    "Sat, 05 Apr 2031 06:07:08 GMT",
    "Apr  5 06:07:08",
    "06:07:08.123456",
    "9f3c1b2a-0d4e-4f5a-8b6c-7d8e9f0a1b2c",
    "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    "1-5f84c7a1-1234567890abcdef12345678",
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "4f2a9c1",
    "arn:aws:iam::123456789012:role/deployer",
    "192.0.2.17",
    "192.0.2.17:8443",
    "10.0.0.0/16",
    "2001:db8:0:1:2:3:4:5",
    "2001:db8::17",
    "02:42:ac:11:00:02",
    "1.22.333-rc.1+build.9",
    "31.12.2030",
    "2031.04.05",
    "2031.04.05-3",
    "port 9090",
    "12/28/2030",
    "v1.31.4",
    "1761234567.123459",
    "1761234567",
    "1761234567123",
    "1761234567123456",
    "1761234567123456789",
    "17028399582391897093",
    "ord_8fK2pQ77",
    "<@U0ABCDEF1>",
    '{job="api",code=~"5.."}[5m]',
    "*/5 3 * * 1",
    "⟨email:1⟩",
]


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_evidence_is_found_whole(evidence: str) -> None:
    """Between blanks, behind a key, and in quotes."""
    for left, right in (("at ", " ok"), ("key=", ";"), ('"', '"'), ("", "")):
        text = f"{left}{evidence}{right}"
        start = len(left)

        assert (start, start + len(evidence)) in list(shields(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "deadbeef",
        "facade",
        "0171 2345678",
        "(020) 555 0199",
        "1234567",
        "12 High St",
        "2125550142",
        "2025550142",
        "call me at 1712345678",
        "phone: 1712345678",
        "port 7911 234567",
    ],
)
def test_what_is_no_evidence_is_left(text: str) -> None:
    """Words of the letters a to f, and numbers that people dial."""
    assert [] == list(shields(text))


def test_a_pod_in_a_longer_name() -> None:
    """The end that a ReplicaSet gives is enough: letters before it hold nothing."""
    text = "pod/checkout-7f9c54d8b6-x2x4z OOMKilled"
    [(start, end)] = shields(text)

    assert "-7f9c54d8b6-x2x4z" == text[start:end]


def test_an_address_of_a_host_is_found_on_its_own() -> None:
    """For policies that redact it; versions are none."""
    text = "from 192.0.2.17 to 2001:db8::1 with 1.2.3"

    assert ["192.0.2.17", "2001:db8::1"] == [
        text[start:end] for start, end in addresses_of_hosts(text)
    ]


@pytest.mark.parametrize("text", ["login at 1712345678", "call id 1712345678"])
def test_an_epoch_near_a_cue_is_one(text: str) -> None:
    """What may be an instant's as well outranks none."""
    assert ["1712345678"] == [text[start:end] for start, end in shields(text)]


def test_a_place_begins_evidence_or_stands_within() -> None:
    text = "at 2031-04-05T06:07:08Z from 192.0.2.17, call 1712345678"

    assert [3, 17, 29] == [at for at in range(len(text)) if begins_evidence(text, at)]
