"""The engine: kinds, shields, encodings, and work that grows with the text alone."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.redaction.find import _neighbourhoods, find, find_shields
from gateway.redaction.span import Kind, Policy, Span

POLICY = Policy()
ALL = Policy(redact_ip=True, redact_user_id=True, phone_regions=("GB",))
PARTS = st.sampled_from(
    [
        "kim@example.org",
        "+44 20 7946 0018",
        "tel:+44-20-7946-0018",
        "call 020 7946 0018",
        "12 Harbour Road, Bristol BS1 9ZZ",
        "4111 1111 1111 1111",
        "password=hunter2",
        '"address":"Birch Row 3"',
        "2031-04-05T06:07:08Z",
        "192.0.2.17",
        "0123456789abcdef0123456789abcdef",
        "1761234567123",
        "⟨email:1⟩",
        "%40",
        "\\u0040",
        "\n",
        ", ",
        "=",
        '"',
        "user_8812",
    ]
)
TEXTS = st.lists(PARTS | st.text(max_size=8), max_size=8).map("".join)


def found(text: str, policy: Policy = POLICY) -> list[tuple[Kind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find(text, policy=policy)]


@given(TEXTS, st.sampled_from([POLICY, ALL]))
def test_spans_are_apart_and_overlap_no_shield(text: str, policy: Policy) -> None:
    """Sorted, within the text, none empty, none over evidence."""
    spans = [(one.start, one.end) for one in find(text, policy=policy)]
    shields = find_shields(text, policy=policy)

    assert sorted(spans) == spans
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert not any(start < last and first < end for first, last in shields)
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("a kim@example.org b", Kind.EMAIL, "kim@example.org"),
        ("by kim@[IPv6:2001:db8::1]", Kind.EMAIL, "kim@[IPv6:2001:db8::1]"),
        ("a +442079460018 b", Kind.PHONE, "+442079460018"),
        ("to 4111111111111111", Kind.CARD, "4111111111111111"),
        ("SSN 219-09-9999", Kind.NATIONAL_ID, "219-09-9999"),
        ("password=hunter2", Kind.SECRET, "hunter2"),
        ("x?contact=kim%40example.org&y", Kind.EMAIL, "kim%40example.org"),
        ("/a%20token%3Dab12cd34ef56", Kind.SECRET, "ab12cd34ef56"),
        ("/a%20+49 30 23450108", Kind.PHONE, "+49 30 23450108"),
        ("x?to=%2B442079460018&y", Kind.PHONE, "%2B442079460018"),
        (r'{"to":"kim\u0040example.org"}', Kind.EMAIL, r"kim\u0040example.org"),
    ],
)
def test_each_kind_is_found(text: str, kind: Kind, value: str) -> None:
    assert [(kind, value)] == found(text)


def test_an_api_key_that_is_a_digest_is_a_secret() -> None:
    """What a key says outranks evidence; the same digest elsewhere stays."""
    digest = "0123456789abcdef0123456789abcdef"

    assert [(Kind.SECRET, digest)] == found(f"api_key={digest} trace={digest}")


def test_base64_is_taken_whole() -> None:
    """Under the kind of what it holds."""
    hidden = base64.b64encode(b"to: kim@example.org, hi").decode()
    secret = base64.b64encode(b"kim@example.org password=hunter2").decode()

    assert [(Kind.EMAIL, hidden)] == found(f"body={hidden} n")
    assert [(Kind.SECRET, secret)] == found(f"body={secret} n")


def test_policy_decides_on_hosts_and_users() -> None:
    text = "user_8812 from 192.0.2.17"

    assert [] == found(text)
    assert [(Kind.USER_ID, "user_8812"), (Kind.IP, "192.0.2.17")] == found(text, ALL)


@pytest.mark.parametrize("text", ["\ud800 kim@example.org", "kim@example.org\0\udfff"])
def test_half_a_surrogate_hides_nothing(text: str) -> None:
    assert [(Kind.EMAIL, "kim@example.org")] == found(text)


class Counted(str):
    """A text that counts the signs that a search for the end of a line reads."""

    __slots__ = ("read",)

    def find(self, sub: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        place = super().find(sub, start, end)
        self.read = (
            getattr(self, "read", 0) + (len(self) if place == -1 else place) - start
        )
        return place


@pytest.mark.parametrize("between", [" ", "\n", "x" * 400 + "\n"])
def test_a_line_of_many_spans_is_read_once(between: str) -> None:
    """However many share it: the end of the line is looked for once."""
    unit = f"a@b.co{between}"
    text = Counted(unit * 2_000)
    places = range(0, len(text), len(unit))
    spans = [Span(place, place + 6, Kind.EMAIL) for place in places]
    lines = list(_neighbourhoods(text, spans))

    assert spans == [span for _, _, within in lines for span in within]
    assert text.read <= 2 * len(text)
