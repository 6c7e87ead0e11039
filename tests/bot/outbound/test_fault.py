"""A fault in words: a place and numbers."""

from bot.outbound.fault import Fault


def test_it_says_where_and_how_much() -> None:
    fault = Fault("blocks/2/text", "section.text", 3104, 3000)

    assert "blocks/2/text: section.text has 3,104, at most 3,000" == str(fault)


def test_what_can_t_be_looked_into_has_no_numbers() -> None:
    assert "view: no object" == str(Fault("view", "no object", 1, 0, is_unknown=True))
