"""A cut goes through no value of a person."""

import pytest

from gateway.redaction.shortened import shortened

MAIL = "ann.canary@example.org"
PHONE = "+49 30 23450001"


@pytest.mark.parametrize("value", [MAIL, PHONE, "xoxb-1234-abcdefghijklmnop"])
def test_a_value_is_kept_whole_or_not_at_all(value: str) -> None:
    """Wherever the cut falls."""
    for before in range(60 - len(value), 61):
        text = "x " * (before // 2) + f"call {value}" + " y" * 60
        cut = shortened(text, 60)

        assert text.startswith(cut)
        assert value in cut or value[:8] not in cut


def test_what_is_short_or_plain_is_cut_where_it_must_be() -> None:
    """No character is lost that need not be."""
    assert MAIL == shortened(MAIL, len(MAIL))
    assert "x" * 60 == shortened("x" * 5000, 60)
    assert "" == shortened("a", 0)
